// CPython's tests that are not ported, and the reason, by module, class and test ("*": all tests of the class).
const TYPES = "Python's types, representations and reference counts: `repr`, generic aliases, weak references, C extensions";
const GENERATORS = "generator-based coroutines and `StopIteration`: JavaScript's async functions have neither";
const NETWORK = "sockets, servers, pipes and datagrams: programs use Node's own network modules";
const SUBPROCESS = "subprocesses: programs use `node:child_process`";
const PICKLE = "code that runs while the main process unpickles a value, and forked processes: the structured clone runs no code, and Node does not copy a process";
const GC = "objects that are freed at once by reference counting: V8 frees them at an undefined time";
const PRIVATE = "private methods of CPython's implementation, called with states that the test sets itself";
const NO_FACTORY = "task factories: offloop has `createTask(fn, { eager })` instead";
const WITH = "a context manager that is entered twice or not at all: in offloop the body is a function, and nothing is entered";

type Reasons = Readonly<Record<string, string>>;
const each = (names: string, reason: string): Reasons => Object.fromEntries(names.split(" ").map((name) => [name, reason]));

export const notPortable: Readonly<Record<string, Readonly<Record<string, Reasons>>>> = {
  "test_asyncio/test_futures": {
    BaseFutureTests: {
      ...each("generic_alias uninitialized future_repr", TYPES),
      ...each("stop_iteration_exception stop_iteration_subclass_exception future_stop_iteration_args", GENERATORS),
    },
    CFutureTests: { "*": TYPES },
    BaseFutureInheritanceTests: { "*": "a class whose constructor does not call its base class's: JavaScript throws a ReferenceError" },
  },
  "test_asyncio/test_futures2": { FutureReprTests: { "*": TYPES } },
  "test_asyncio/test_tasks": {
    BaseTaskTests: {
      ...each("generic_alias task_repr task_repr_wait_for iscoroutinefunction", TYPES),
      ...each("ensure_future_neither ensure_future_error_msg", "arguments that cannot be awaited: in JavaScript every value can be"),
    },
    CTask_CFuture_Tests: { "*": TYPES },
    CTask_Future_Tests: { "*": TYPES },
    BaseTaskIntrospectionTests: each("_enter_task_failure _leave_task_failure1 _leave_task_failure2", PRIVATE),
    GenericTaskTests: { asyncio_module_compiled: TYPES },
    RunCoroutineThreadsafeTests: each("run_coroutine_threadsafe_task_factory_exception", NO_FACTORY),
  },
  "test_asyncio/test_taskgroups": { TestTaskGroup: each("taskgroup_already_entered taskgroup_double_enter taskgroup_not_entered", WITH) },
  "test_asyncio/test_timeouts": {
    TimeoutTests: { ...each("timeout_already_entered timeout_double_enter timeout_not_entered", WITH), ...each("repr_active repr_expired repr_finished repr_disabled", TYPES) },
  },
  "test_asyncio/test_eager_task_factory": { CEagerTaskFactoryLoopTests: { "*": TYPES } },
  "test_asyncio/test_threads": { ToThreadTests: {} },
  "test_asyncio/test_base_events": {
    BaseEventTests: { "*": NETWORK },
    BaseEventLoopTests: {
      ...each("not_implemented custom_run_forever_integration", PRIVATE),
      ...each("set_task_factory_invalid set_task_factory create_named_task_with_custom_factory create_task_error_closes_coro", NO_FACTORY),
      ...each("subprocess_exec_invalid_args subprocess_shell_invalid_args", SUBPROCESS),
      ...each("asyncgen_finalization_by_gc asyncgen_finalization_by_gc_in_other_thread", GC),
      ...each("check_thread", "a call of a loop from another thread: a loop object cannot be sent to another thread"),
      ...each("run_forever_keyboard_interrupt", "KeyboardInterrupt, which Python raises in the middle of running code: Node delivers signals between callbacks"),
    },
    BaseEventLoopWithSelectorTests: {
      ...each("getnameinfo create_connection_multiple_errors create_connection_timeout create_connection_host_port_sock create_connection_wrong_sock create_server_wrong_sock create_server_ssl_timeout_for_plain_socket create_server_stream_bittype create_server_ipv6 create_datagram_endpoint_wrong_sock create_connection_no_host_port_sock create_connection_no_getaddrinfo create_connection_connect_err create_connection_multiple create_connection_multiple_errors_local_addr create_connection_ipv6_scope create_connection_ip_addr create_connection_no_inet_pton create_connection_service_name create_connection_no_local_addr create_connection_bluetooth create_connection_ssl_server_hostname_default create_connection_no_ssl_server_hostname_errors create_connection_ssl_server_hostname_errors create_connection_ssl_timeout_for_plain_socket create_server_empty_host create_server_host_port_sock create_server_no_host_port_sock create_server_no_getaddrinfo create_server_nosoreuseport create_server_soreuseport_only_defined create_server_cant_bind create_datagram_endpoint_no_addrinfo create_datagram_endpoint_addr_error create_datagram_endpoint_connect_err create_datagram_endpoint_allow_broadcast create_datagram_endpoint_socket_err create_datagram_endpoint_no_matching_family create_datagram_endpoint_setblk_err create_datagram_endpoint_noaddr_nofamily create_datagram_endpoint_cant_bind create_datagram_endpoint_sock create_datagram_endpoint_sock_unix create_datagram_endpoint_existing_sock_unix create_datagram_endpoint_sock_sockopts create_datagram_endpoint_sockopts create_datagram_endpoint_nosoreuseport create_datagram_endpoint_ip_addr accept_connection_retry accept_connection_exception", NETWORK),
    },
    BaseLoopSockSendfileTests: { "*": NETWORK },
    TestSelectorUtils: { "*": NETWORK },
  },
  "test_asyncio/test_events": {
    EventLoopTestsMixin: each("reader_callback writer_callback create_connection create_unix_connection create_ssl_connection create_ssl_unix_connection create_connection_local_addr create_connection_local_addr_skip_different_family create_connection_local_addr_nomatch_family create_connection_local_addr_in_use connect_accepted_socket ssl_connect_accepted_socket connect_accepted_socket_ssl_timeout_for_plain_socket create_server_multiple_hosts_ipv4 create_server_multiple_hosts_ipv6 create_server create_server_trsock create_server_reuse_port create_unix_server create_unix_server_path_socket_error create_server_ssl create_unix_server_ssl create_server_ssl_verify_failed create_unix_server_ssl_verify_failed create_server_ssl_match_failed create_unix_server_ssl_verified create_server_ssl_verified create_server_sock create_server_addr_in_use create_server_dual_stack server_close create_datagram_endpoint create_datagram_endpoint_ipv6 create_datagram_endpoint_sock datagram_send_to_non_listening_address internal_fds read_pipe unclosed_pipe_transport read_pty_output write_pipe write_pipe_disconnect_on_close write_pty bidirectional_pty remove_fds_after_closing add_fds_after_closing", NETWORK),
    SubprocessTestsMixin: { "*": SUBPROCESS },
    HandleTests: each("handle_weakref handle_repr handle_repr_debug coroutine_like_object_debug_formatting", TYPES),
    TimerTests: each("hash timer_repr timer_repr_debug", TYPES),
    AbstractEventLoopTests: { "*": "an abstract class whose methods raise: TypeScript checks the methods of a loop" },
    TestServer: { "*": NETWORK },
    TestAbstractServer: { "*": NETWORK },
    ProactorEventLoopTests: { "*": NETWORK },
    KqueueEventLoopTests: { "*": NETWORK },
  },
  "test_concurrent_futures/test_future": {
    FutureTests: {
      ...each("repr", TYPES),
    },
  },
  "test_concurrent_futures/test_thread_pool": { ThreadPoolExecutorTest: { hang_global_shutdown_lock: PICKLE } },
  "test_concurrent_futures/test_process_pool": { ProcessPoolExecutorTest: { ...each("ressources_gced_in_workers", GC), ...each("max_tasks_per_child_defaults_to_spawn_context python_finalization_error", PICKLE) } },
  "test_concurrent_futures/test_shutdown": {
    ExecutorShutdownTest: { submit_after_interpreter_shutdown: "hooks that run while the interpreter ends: the callbacks of Node's `exit` event are synchronous" },
    ThreadPoolShutdownTest: { ...each("del_shutdown", GC), ...each("thread_names_assigned thread_names_default", "names of threads in the operating system: offloop does not set them") },
    ProcessPoolShutdownTest: each("del_shutdown", GC),
  },
  "test_concurrent_futures/test_init": { FailingInitializerResourcesTest: { "*": PICKLE } },
  "test_concurrent_futures/test_deadlock": {
    ExecutorDeadlockTest: each("error_during_result_unpickle_in_result_handler exit_during_result_unpickle_in_result_handler", PICKLE),
  },
};
