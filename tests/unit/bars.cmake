add_library(rp_bars_sample STATIC bars_sample.cpp)
target_link_libraries(rp_bars_sample PUBLIC rp_base nlohmann_json::nlohmann_json PRIVATE rp_warnings)

rp_test(bars_document_test SOURCES bars_document_test.cpp LINKS rp_bars_domain rp_bars_sample)
rp_test(bars_request_test SOURCES bars_headers_test.cpp bars_request_test.cpp bars_mapping_test.cpp
        LINKS rp_bars_domain rp_bars_sample)
rp_test(bars_answers_test SOURCES bars_answers_test.cpp LINKS rp_bars_domain rp_bars_sample)
rp_test(bars_freshen_test SOURCES bars_freshen_test.cpp LINKS rp_bars_domain)
rp_test(bars_case_book_test SOURCES bars_case_book_test.cpp LINKS rp_bars_domain)
rp_test(bars_reads_test SOURCES bars_reads_test.cpp bars_negotiation_test.cpp LINKS rp_bars_domain rp_bars_sample)
