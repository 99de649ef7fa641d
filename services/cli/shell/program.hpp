// The program from its arguments to its exit code.
#pragma once

namespace rightplace::cli {

int run_program(int argc, char** argv);

}  // namespace rightplace::cli
