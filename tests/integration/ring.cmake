rp_library(rp_test_visitor SOURCES sender.cpp visitor.cpp hub.cpp curl.cpp
           LINKS rp_test_stack rp_http rp_bars_domain rp_bars_sample rp_domain PkgConfig::sodium)
rp_test(integration_ring SOURCES ring_test.cpp LINKS rp_test_visitor rp_seal)
rp_test(integration_reading SOURCES reading_test.cpp LINKS rp_test_visitor)
rp_test(integration_examples SOURCES examples_test.cpp LINKS rp_test_visitor)
foreach(test integration_ring integration_reading integration_examples)
  add_dependencies(${test} audit vault intake triage referral bars)
endforeach()
