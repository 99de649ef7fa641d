"""The last line that tests/run expects of a script."""
import sys
import unittest


def finish(passed, failed):
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


def run_unittests():
    """Runs the calling script's unittest cases and ends with the summary line."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = unittest.TextTestRunner(stream=sys.stdout).run(suite)
    failed = len(result.failures) + len(result.errors)
    finish(result.testsRun - failed, failed)
