rp_library(rp_sim_journal SOURCES sim_journal.cpp LINKS rp_audit_domain)
