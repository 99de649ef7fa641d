rp_test(alerts_test SOURCES alerts_test.cpp alerts_hub_test.cpp LINKS rp_alerts_shell nlohmann_json::nlohmann_json)
