# A private real redis-server for any test that needs one.
rp_library(rp_test_redis SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/redis_server.cpp LINKS ${hiredis_LIBRARIES})
