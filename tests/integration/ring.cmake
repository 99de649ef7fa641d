rp_library(rp_test_visitor SOURCES sender.cpp visitor.cpp
           LINKS rp_test_stack rp_http rp_bars_domain rp_bars_sample PkgConfig::sodium)
rp_test(integration_ring SOURCES ring_test.cpp LINKS rp_test_visitor rp_domain)
add_dependencies(integration_ring audit vault intake triage referral bars)
