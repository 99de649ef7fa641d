rp_test(held_answers_test SOURCES held_answers_test.cpp LINKS rp_runtime)
rp_test(fold_test SOURCES fold_test.cpp LINKS rp_runtime rp_intake)
