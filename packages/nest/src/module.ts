// The module: one executor for the application, which its providers inject and its offloaded methods use. The pool is shut
// down after Nest has closed the server, so requests that are being answered keep their workers.
import { type DynamicModule, type InjectionToken, Module, type ModuleMetadata, type OnApplicationShutdown, type OnModuleInit, type OptionalFactoryDependency, type Provider } from "@nestjs/common";
import { DiscoveryModule, DiscoveryService } from "@nestjs/core";
import { ThreadPoolExecutor, type ThreadPoolOptions } from "@offloop/workers";
import { checkOptions, type Executor, InvalidOptionError, objectWith, type OptionTable, spanMs } from "@offloop/workers/executor";
import { bindClass, bindObject } from "./offload.js";

/** Options of `OffloopModule`. */
export interface OffloopModuleOptions {
  /** Options of the application's pool. @default those of a `ThreadPoolExecutor` */
  pool?: ThreadPoolOptions | undefined;
  /** An executor that the program owns and shuts down. It excludes `pool`. @default a pool of the application's own */
  executor?: Executor | undefined;
  /** How long the pool's calls may take when the application closes, in milliseconds. Then they are cancelled. @default 10,000 */
  closeTimeoutMs?: number | undefined;
}

/** Options of `OffloopModule.forRootAsync()`. */
export interface OffloopModuleAsyncOptions {
  /** The modules whose providers `inject` names. @default none */
  imports?: ModuleMetadata["imports"] | undefined;
  /** Makes the options. Its arguments are the providers that `inject` names. */
  useFactory: (...args: any[]) => OffloopModuleOptions | Promise<OffloopModuleOptions>;
  /** The tokens of the providers that `useFactory` gets, in order. @default none */
  inject?: (InjectionToken | OptionalFactoryDependency)[] | undefined;
}

/** The application's executor, as a token: `constructor(private readonly executor: OffloopExecutor)`. */
export interface OffloopExecutor extends Executor {}
/** The token at run time. Nest provides the executor for it, and never makes an object of it. */
export const OffloopExecutor: abstract new () => OffloopExecutor = class {} as never;

const OPTIONS = Symbol("options of OffloopModule");

const optionTypes: OptionTable<OffloopModuleOptions> = {
  pool: { takes: "the options of a ThreadPoolExecutor", accepts: (value) => typeof value === "object" && value !== null },
  executor: objectWith(["submit", "stats", "with"], "an executor, such as new ThreadPoolExecutor()"),
  closeTimeoutMs: spanMs,
};

/** @throws InvalidOptionError */
function check(given: OffloopModuleOptions | undefined, of: string): Partial<OffloopModuleOptions> {
  const options = checkOptions(of, given, optionTypes);
  if (options.pool && options.executor) throw new InvalidOptionError("executor", `${of} takes \`pool\` or \`executor\`, and not both.`);
  return options;
}

/** Binds the application's classes and objects to its executor, and shuts its pool down. */
class ExecutorLifetime implements OnModuleInit, OnApplicationShutdown {
  readonly #options: Partial<OffloopModuleOptions>;
  readonly #executor: Executor;
  readonly #discovery: DiscoveryService;
  readonly #unbind: readonly (() => void)[];

  constructor(options: Partial<OffloopModuleOptions>, executor: Executor, discovery: DiscoveryService) {
    this.#options = options;
    this.#executor = executor;
    this.#discovery = discovery;
    this.#unbind = this.#wrappers().flatMap(({ metatype }) => (typeof metatype === "function" ? [bindClass(metatype, executor)] : []));
  }

  onModuleInit(): void {
    for (const { instance } of this.#wrappers()) if (typeof instance === "object" && instance !== null) bindObject(instance as object, this.#executor);
  }

  /** Nest has closed its server by now. */
  async onApplicationShutdown(): Promise<void> {
    for (const each of this.#unbind) each();
    if (!this.#options.executor) await this.#executor.shutdown({ timeoutMs: this.#options.closeTimeoutMs ?? 10_000 });
  }

  #wrappers() {
    return [...this.#discovery.getProviders(), ...this.#discovery.getControllers()];
  }
}

const executorProvider: Provider = { provide: OffloopExecutor, useFactory: ({ executor, pool }: Partial<OffloopModuleOptions>) => executor ?? new ThreadPoolExecutor(pool), inject: [OPTIONS] };
const lifetimeProvider: Provider = { provide: ExecutorLifetime, useFactory: (...args: ConstructorParameters<typeof ExecutorLifetime>) => new ExecutorLifetime(...args), inject: [OPTIONS, OffloopExecutor, DiscoveryService] };

/**
 * Gives an application an executor on worker threads. Each provider of the application may inject `OffloopExecutor`, and have
 * methods with `@Offload()`. The pool is shut down when the application or the testing module closes, after the server has;
 * its calls may take `closeTimeoutMs` then.
 */
export class OffloopModule {
  /** @throws InvalidOptionError */
  static forRoot(options?: OffloopModuleOptions): DynamicModule {
    return dynamicModule({ provide: OPTIONS, useValue: check(options, "OffloopModule.forRoot()") });
  }

  /** As `forRoot`, with options that a factory makes from other providers. The application rejects on wrong ones with `InvalidOptionError`. */
  static forRootAsync(options: OffloopModuleAsyncOptions): DynamicModule {
    const { imports = [], inject = [], useFactory } = options;
    return dynamicModule({ provide: OPTIONS, useFactory: async (...args: unknown[]) => check(await useFactory(...args), "OffloopModule.forRootAsync()"), inject }, imports);
  }
}

Module({})(OffloopModule);

function dynamicModule(options: Provider, imports: NonNullable<ModuleMetadata["imports"]> = []): DynamicModule {
  return { module: OffloopModule, global: true, imports: [DiscoveryModule, ...imports], providers: [options, executorProvider, lifetimeProvider], exports: [OffloopExecutor] };
}
