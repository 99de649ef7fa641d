rp_library(rp_sim_store SOURCES sim_bounds.cpp sim_hub.cpp sim_redis.cpp sim_store.cpp LINKS rp_base)
