rp_test(cli_test SOURCES cli_prepare_test.cpp cli_contacts_test.cpp cli_news2_test.cpp
                         cli_view_test.cpp cli_chain_test.cpp cli_alerts_test.cpp
                         cli_referral_test.cpp cli_sender_test.cpp
        LINKS rp_cli_domain)
rp_test(cli_shell_test SOURCES cli_shell_test.cpp cli_acts_test.cpp cli_shift_test.cpp cli_journal_test.cpp
                               cli_policy_test.cpp cli_pathways_test.cpp cli_transfer_test.cpp cli_offer_test.cpp
                               cli_message_test.cpp
        LINKS rp_cli rp_audit_journal)
rp_test(cli_figures_groups_test SOURCES cli_figures_groups_test.cpp LINKS rp_cli)
rp_test(cli_figures_test SOURCES cli_figures_test.cpp LINKS rp_cli rp_audit_journal)
