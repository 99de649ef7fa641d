rp_test(clinical_test SOURCES clinical_test.cpp LINKS rp_clinical)
rp_test(intake_test SOURCES intake_test.cpp LINKS rp_intake)
rp_test(triage_test SOURCES triage_test.cpp triage_breach_test.cpp triage_model_test.cpp LINKS rp_triage)
rp_test(referral_test SOURCES referral_test.cpp LINKS rp_referral)
