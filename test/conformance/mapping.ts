import type { Answer } from './answer.js';
import type { AnswersTo, SimpleJwtFile } from './answers/answers-to.js';
import { authentication } from './answers/authentication.js';
import { backends } from './answers/backends.js';
import { init, integration, migrations, models, utils } from './answers/elsewhere.js';
import { serializers } from './answers/serializers.js';
import { tokenBlacklist } from './answers/token-blacklist.js';
import { tokens } from './answers/tokens.js';
import { views } from './answers/views.js';

const answers: { readonly [File in SimpleJwtFile]: AnswersTo<File> } = {
  'test_authentication.py': authentication,
  'test_backends.py': backends,
  'test_init.py': init,
  'test_integration.py': integration,
  'test_migrations.py': migrations,
  'test_models.py': models,
  'test_serializers.py': serializers,
  'test_token_blacklist.py': tokenBlacklist,
  'test_tokens.py': tokens,
  'test_utils.py': utils,
  'test_views.py': views,
};

/** A test of SimpleJWT's, and what became of it. */
export interface Case {
  readonly file: string;
  /** `Class.method`. */
  readonly name: string;
  readonly answer: Answer;
}

export const cases: readonly Case[] = Object.entries(answers).flatMap(([file, classes]) =>
  Object.entries<Readonly<Record<string, Answer>>>(classes).flatMap(([type, methods]) =>
    Object.entries(methods).map(([method, answer]) => ({ file, name: `${type}.${method}`, answer })),
  ),
);
