// rightplace: the command line of a running stack.
#include "services/cli/shell/program.hpp"

int main(int argc, char** argv) {
    return rightplace::cli::run_program(argc, argv);
}
