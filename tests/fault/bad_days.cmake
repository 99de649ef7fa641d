rp_library(rp_test_load SOURCES load.cpp LINKS rp_test_stack rp_store rp_runtime rp_intake rp_triage rp_referral)
rp_test(fault_bad_days SOURCES bad_days_test.cpp LINKS rp_test_load)
add_dependencies(fault_bad_days audit vault intake triage referral bars)
