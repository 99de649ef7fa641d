rp_test(bus_test SOURCES bus_test.cpp bus_hostile_test.cpp LINKS rp_bus)
rp_test(config_test SOURCES config_test.cpp LINKS rp_config)
rp_test(log_test SOURCES log_test.cpp LINKS rp_log nlohmann_json::nlohmann_json)
rp_test(http_test SOURCES http_test.cpp LINKS rp_http)
