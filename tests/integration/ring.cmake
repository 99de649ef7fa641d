rp_library(rp_test_visitor SOURCES sender.cpp visitor.cpp hub.cpp curl.cpp
           LINKS rp_test_stack rp_http rp_bars_domain rp_bars_sample rp_domain PkgConfig::sodium)
rp_test(integration_ring SOURCES ring_test.cpp LINKS rp_test_visitor rp_seal)
rp_test(integration_breach SOURCES breach_test.cpp LINKS rp_test_visitor)
rp_test(integration_examples SOURCES examples_test.cpp LINKS rp_test_visitor)
rp_test(integration_changes SOURCES changes_test.cpp LINKS rp_test_visitor)
rp_test(integration_lanes SOURCES lanes_test.cpp LINKS rp_test_visitor)
rp_test(integration_round_trip SOURCES round_trip_test.cpp LINKS rp_test_visitor)
add_dependencies(integration_round_trip rightplace)
rp_test(integration_reading SOURCES reading_test.cpp LINKS rp_test_visitor)
foreach(test integration_ring integration_breach integration_examples integration_changes integration_lanes
             integration_reading integration_round_trip)
  add_dependencies(${test} audit vault intake triage referral bars)
endforeach()
