import fc from 'fast-check';
import {
  type GraphQLArgument,
  GraphQLBoolean,
  GraphQLID,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLInt,
  type GraphQLNamedInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import {
  heavyTexts,
  hostileTexts,
  nearly,
  nearlyTokens,
  strangeIds,
  strangeKey,
  strangers,
  withKey,
} from './hostile.js';
import type { Operation, Values } from './operations.js';

/** What a caller can know, some of it good and some of it good no more. */
export interface Known {
  readonly ids: readonly string[];
  readonly usernames: readonly string[];
  readonly passwords: readonly string[];
  readonly tokens: readonly string[];
  readonly cursors: readonly string[];
  /** What browsers make of passkeys. */
  readonly credentials: readonly object[];
}

type Value = fc.Arbitrary<unknown>;

/** How many of ten parts of an input are hostile: none, so that the deepest code is reached, one here and there, or half. */
const hostilities = [0, 1, 5];

/** Makes values for all arguments of an operation. */
export function valuesFor({ args }: Operation, known: Known): fc.Arbitrary<Values> {
  return fc.oneof(...hostilities.map((hostility) => new Inputs(known, hostility).all(args)));
}

class Inputs {
  constructor(
    private readonly known: Known,
    private readonly hostility: number,
  ) {}

  all(args: readonly GraphQLArgument[]): fc.Arbitrary<Values> {
    return fc.record(Object.fromEntries(args.map((arg) => [arg.name, this.part(arg, isRequiredArgument(arg))])));
  }

  private part({ type, name }: GraphQLArgument | GraphQLInputField, isRequired: boolean): Value {
    const value = this.value(type, name);
    return isRequired ? value : fc.option(value, { nil: undefined, freq: 2 });
  }

  private value(type: GraphQLInputType, name: string): Value {
    if (isNonNullType(type)) return this.value(type.ofType, name);
    if (isListType(type)) return this.mixed(fc.array(this.value(type.ofType, name), { maxLength: 3 }), strangers);
    if (isInputObjectType(type)) return this.object(type);
    return this.mixed(properLeaf(type, name, this.known), hostileLeaf(type, name, this.known));
  }

  private object(type: GraphQLInputObjectType): Value {
    const fields = Object.values(type.getFields());
    const parts = fields.map((field) => [field.name, this.part(field, isRequiredInputField(field))]);
    const input = fc.record(Object.fromEntries(parts));
    return this.mixed(input, fc.oneof(withStranger(input), strangers));
  }

  private mixed(proper: Value, hostile: Value): Value {
    if (this.hostility === 0) return proper;
    return fc.oneof({ weight: 10 - this.hostility, arbitrary: proper }, { weight: this.hostility, arbitrary: hostile });
  }
}

/** Values of the right types, in which every text is that one. */
export function filledWith(text: string, parts: Operation['args'] | readonly GraphQLInputField[]): Values {
  return Object.fromEntries(parts.map(({ name, type }) => [name, filling(text, type)]));
}

function filling(text: string, type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return filling(text, type.ofType);
  if (isListType(type)) return [filling(text, type.ofType)];
  if (isInputObjectType(type)) return filledWith(text, Object.values(type.getFields()));
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (type === GraphQLBoolean) return false;
  if (type === GraphQLInt) return undefined;
  return type.name === 'JSONObject' ? { text } : text;
}

function withStranger(objects: fc.Arbitrary<object>): Value {
  return fc.tuple(objects, strangeKey, strangers).map(([object, key, value]) => withKey(object, key, value));
}

type Leaf = Exclude<GraphQLNamedInputType, GraphQLInputObjectType>;

function properLeaf(type: Leaf, name: string, known: Known): Value {
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map((value) => value.name));
  if (type === GraphQLBoolean) return fc.boolean();
  if (type === GraphQLInt) return fc.integer({ min: 0, max: 30 });
  if (type === GraphQLID) return fc.constantFrom(...known.ids);
  if (type.name === 'JSONObject') return fc.constantFrom(...known.credentials);
  return fc.constantFrom(...textsFor(name, known).proper);
}

function hostileLeaf(type: Leaf, name: string, known: Known): Value {
  const texts = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...hostileTexts) }, fc.constantFrom(...heavyTexts));
  if (isEnumType(type)) {
    const names = type.getValues().flatMap((value) => [value.name.toLowerCase(), `${value.name} `]);
    return fc.oneof(fc.constantFrom(...names), texts, strangers);
  }
  if (type === GraphQLBoolean || type === GraphQLInt) return fc.oneof(strangers, texts);
  if (type === GraphQLID) {
    const ids = [...strangeIds, ...known.ids.flatMap((id) => [id.toUpperCase(), ...nearly(id)])];
    return fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...ids) }, texts, strangers);
  }
  if (type.name === 'JSONObject') return fc.oneof({ weight: 3, arbitrary: spoilt(known.credentials) }, strangers);
  const nearlyGood = fc.constantFrom(...textsFor(name, known).nearly);
  return fc.oneof({ weight: 3, arbitrary: nearlyGood }, { weight: 3, arbitrary: texts }, strangers);
}

interface Texts {
  readonly proper: readonly string[];
  readonly nearly: readonly string[];
}

/** What a text is to be, by its name. */
function textsFor(name: string, { tokens, cursors, passwords, usernames }: Known): Texts {
  if (/token$/i.test(name)) return { proper: tokens, nearly: nearlyTokens(tokens) };
  if (/^(after|before)$/.test(name)) return { proper: cursors, nearly: [...cursors.flatMap(nearly), ...tokens] };
  if (/password$/i.test(name)) return { proper: passwords, nearly: passwords.flatMap(nearly) };
  if (/email$/i.test(name)) {
    const emails = usernames.map((username) => `${username}@example.com`);
    return { proper: emails, nearly: emails.flatMap(nearly) };
  }
  if (name === 'username') return { proper: usernames, nearly: usernames.flatMap(nearly) };
  if (name === 'code') return { proper: ['123456', '123 456'], nearly: ['12345', '1234567', '12345６', 'abcde-fghij'] };
  const words = ['quick', 'a "quick fox" -lazy', 'signed_in', 'Grüße, 世界'];
  return { proper: words, nearly: words.flatMap(nearly) };
}

/** JSON of which one leaf, or one level, is another. */
function spoilt(objects: readonly object[]): Value {
  const other = fc.oneof(fc.constantFrom(...hostileTexts), strangers, fc.constant(Array(50_000).fill(0)));
  return fc.tuple(fc.constantFrom(...objects), fc.nat(), strangeKey, other).map(([object, place, key, value]) => {
    const paths = pathsOf(object);
    const path = paths[place % paths.length] ?? [];
    return place % 5 === 0 ? withKey(object, key, value) : replaced(object, path, value);
  });
}

function pathsOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [[...path]];
  return [[...path], ...Object.entries(value).flatMap(([key, part]) => pathsOf(part, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  if (typeof value !== 'object' || value === null) return by;
  const entries = Object.entries(value).map(([name, part]) => [name, name === key ? replaced(part, rest, by) : part]);
  return Array.isArray(value) ? entries.map(([, part]) => part) : Object.fromEntries(entries);
}
