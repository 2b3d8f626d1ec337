// The schema and its server. GraphQL does not read the status of an error: `answered` gives it to Yoga.
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { offloadFor } from "@offloop/http";
import { GraphQLError } from "graphql";
import { createSchema, createYoga } from "graphql-yoga";
import type { Executor } from "offloop";
import { licences, mostAlike, pairsAlike } from "./alike.js";

interface ServerContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

interface Context extends ServerContext {
  readonly offload: ReturnType<typeof offloadFor>;
}

interface Answered {
  readonly message: string;
  readonly code: string;
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Lets an error that has a status set the status and the headers of the answer: 503 with Retry-After, if the queue is full. */
async function answered<T>(result: Promise<T>): Promise<T> {
  return result.catch((error: Answered) => {
    if (error.statusCode === undefined) throw error;
    throw new GraphQLError(error.message, { extensions: { code: error.code, http: { status: error.statusCode, headers: error.headers ?? {} } } });
  });
}

const schema = createSchema<Context>({
  typeDefs: /* GraphQL */ `
    type Licence { id: ID!, name: String!, alike(first: Int! = 3): [Alike!]! }
    type Alike { licence: Licence!, share: Float! }
    type Pair { licences: [Licence!]!, share: Float! }
    type Query { hello: String!, licence(id: ID!): Licence, pairs(atLeast: Float! = 0.9): [Pair!]! }
  `,
  resolvers: {
    Query: {
      hello: () => "hello",
      licence: (_, { id }: { readonly id: string }) => licences()[id] && { id },
      pairs: async (_, { atLeast }: { readonly atLeast: number }, { offload }) => answered(offload(pairsAlike, atLeast)),
    },
    Licence: {
      name: ({ id }: { readonly id: string }) => licences()[id]!.name,
      alike: async ({ id }: { readonly id: string }, { first }: { readonly first: number }, { offload }) => answered(offload(mostAlike, id, first)),
    },
    Alike: { licence: ({ id }: { readonly id: string }) => ({ id }) },
    Pair: { licences: ({ ids }: { readonly ids: readonly string[] }) => ids.map((id) => ({ id })) },
  },
});

export function createServer(executor: Executor): Server {
  return createHttpServer(createYoga<ServerContext, Context>({ schema, context: (context) => ({ ...context, offload: offloadFor(context, { executor }) }) }));
}
