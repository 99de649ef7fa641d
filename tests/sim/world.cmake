rp_library(rp_sim_town SOURCES world/time.cpp world/wire.cpp world/network.cpp world/doctored.cpp world/probe.cpp
           world/process.cpp world/town.cpp
           LINKS rp_sim_store rp_sim_journal rp_audit_core rp_runtime rp_vault rp_intake rp_triage rp_referral
                 rp_bars_shell)
rp_library(rp_sim_histories
           SOURCES history/plan.cpp history/worst_moments.cpp history/plan_names.cpp history/people.cpp
                   history/arrivals.cpp history/changes.cpp history/deeds.cpp history/made_up.cpp history/moves.cpp
                   history/alert_takers.cpp history/trusts.cpp history/misfortunes.cpp history/history.cpp
                   history/shrink.cpp judge/judge.cpp
                   judge/record_model.cpp judge/transfer_model.cpp judge/attendance_model.cpp judge/clinical_model.cpp
                   judge/reopening_model.cpp judge/alert_model.cpp judge/urgency_model.cpp
                   judge/referral_model.cpp judge/confirmation_model.cpp judge/parked_model.cpp judge/returns.cpp
                   ../unit/bars_sample.cpp
           LINKS rp_sim_town nlohmann_json::nlohmann_json)
rp_paths(history/history.cpp)
rp_test(sim_ring SOURCES ring_test.cpp found_test.cpp broken_rules_test.cpp LINKS rp_sim_histories)
add_executable(sim sim_main.cpp)
target_include_directories(sim PRIVATE ${CMAKE_SOURCE_DIR})
target_link_libraries(sim PRIVATE rp_sim_histories rp_warnings)
set_target_properties(sim PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/sim-bin)
# The engine behind `rightplace simulate`, beside the other programs.
rp_library(rp_sim_scenarios SOURCES scenario/reader.cpp scenario/scenario.cpp scenario/season.cpp scenario/report.cpp
                   scenario/pour.cpp
           LINKS rp_sim_histories rp_cli_domain rp_audit_journal nlohmann_json::nlohmann_json)
rp_test(sim_scenario SOURCES scenario_test.cpp LINKS rp_sim_scenarios)
add_executable(simulate scenario/simulate_main.cpp)
target_include_directories(simulate PRIVATE ${CMAKE_SOURCE_DIR})
target_link_libraries(simulate PRIVATE rp_sim_scenarios rp_audit_read rp_warnings)
rp_paths(scenario/simulate_main.cpp)
set_target_properties(simulate PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
