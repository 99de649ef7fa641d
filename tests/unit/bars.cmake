add_library(rp_bars_sample STATIC bars_sample.cpp bars_full_sample.cpp)
target_link_libraries(rp_bars_sample PUBLIC rp_base nlohmann_json::nlohmann_json PRIVATE rp_warnings)

rp_test(bars_document_test SOURCES bars_document_test.cpp LINKS rp_bars_domain rp_bars_sample)
rp_test(bars_request_test SOURCES bars_headers_test.cpp bars_request_test.cpp bars_problems_test.cpp
                bars_mapping_test.cpp bars_notices_test.cpp
        LINKS rp_bars_domain rp_bars_sample)
rp_test(bars_changes_test SOURCES bars_changes_test.cpp LINKS rp_bars_domain rp_bars_sample)
rp_test(bars_answers_test SOURCES bars_answers_test.cpp bars_response_test.cpp bars_outcome_test.cpp
        LINKS rp_bars_domain rp_bars_sample)
rp_test(bars_validators_test SOURCES bars_validators_test.cpp LINKS rp_bars_domain rp_bars_sample)
rp_test(bars_freshen_test SOURCES bars_freshen_test.cpp LINKS rp_bars_domain)
rp_test(bars_case_book_test SOURCES bars_case_book_test.cpp LINKS rp_bars_domain)
rp_test(bars_shell_test SOURCES bars_shell_test.cpp bars_watch_file_test.cpp bars_contained_test.cpp
        LINKS rp_bars_shell)
rp_test(bars_explain_test SOURCES bars_explain_test.cpp LINKS rp_bars_explain rp_bars_sample)
rp_test(bars_leaves_test SOURCES bars_leaves_test.cpp LINKS rp_bars_domain rp_bars_sample rp_cli_domain)
rp_test(bars_fuzz_test SOURCES bars_fuzz_test.cpp ../fuzz/bars_request.cpp LINKS rp_bars_explain rp_bars_sample)
rp_test(bars_reads_test SOURCES bars_reads_test.cpp bars_negotiation_test.cpp LINKS rp_bars_domain rp_bars_sample)
