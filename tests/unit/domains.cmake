rp_test(clinical_test SOURCES clinical_test.cpp attendance_test.cpp alert_rules_test.cpp pathways_test.cpp
                              priority_test.cpp referral_rules_test.cpp
        LINKS rp_clinical)
rp_test(intake_test SOURCES intake_test.cpp LINKS rp_intake)
rp_test(triage_test SOURCES triage_test.cpp triage_breach_test.cpp triage_sharing_test.cpp triage_emergency_test.cpp
                            triage_handover_test.cpp triage_transfer_test.cpp triage_elsewhere_test.cpp
                            triage_attendance_test.cpp triage_reopening_test.cpp triage_alerts_test.cpp
                            triage_pathways_test.cpp triage_next_test.cpp triage_urgency_test.cpp triage_news2_test.cpp
                            triage_sender_test.cpp triage_weighed_test.cpp triage_offer_test.cpp
                            triage_returned_test.cpp triage_transfer_model_test.cpp
                            triage_model_test.cpp downtime_sheet_test.cpp triage_referral_test.cpp
        LINKS rp_triage rp_triage_shell rapidcheck)
rp_test(referral_test SOURCES referral_test.cpp referral_withdrawal_test.cpp referral_deadline_test.cpp
                              referral_confirmation_test.cpp
        LINKS rp_referral)
