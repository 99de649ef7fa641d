rp_library(rp_sim_world SOURCES sim_world.cpp
           LINKS rp_sim_store rp_sim_journal rp_audit_core rp_runtime)
rp_test(sim_ring SOURCES ring_test.cpp LINKS rp_sim_world rp_intake rp_triage rp_referral)
