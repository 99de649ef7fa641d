rp_test(vault_test SOURCES vault_seal_test.cpp vault_domain_test.cpp vault_keys_test.cpp vault_service_test.cpp
                           vault_message_test.cpp
        LINKS rp_vault)
