# A private real redis-server for any test that needs one.
rp_library(rp_test_redis SOURCES redis_server.cpp LINKS ${hiredis_LIBRARIES})

rp_test(store_suite SOURCES store_suite.cpp store_suite_state.cpp store_compare.cpp redis_store_test.cpp
        LINKS rp_store rp_sim_store rp_test_redis nlohmann_json::nlohmann_json)
