rp_test(held_answers_test SOURCES held_answers_test.cpp LINKS rp_runtime)
