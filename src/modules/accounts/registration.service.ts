import type { EntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import type { EmailVerification } from '../auth/verification/email-verification.service.js';
import { insertUser, type UserRow } from '../users/user.queries.js';
import type { UserService } from '../users/user.service.js';
import { isKept } from './kept-address.js';

/** Lets people make accounts for themselves. */
export class RegistrationService {
  constructor(
    private readonly users: UserService,
    private readonly verification: EmailVerification,
  ) {}

  /** Makes an account and mails the link that verifies its address, both in one statement. Throws BAD_USER_INPUT or CONFLICT. */
  async register(em: EntityManager, input: unknown): Promise<UserRow> {
    const prepared = await this.users.prepare(input);
    const { token, mail } = this.verification.prepare(prepared);
    const kept = isKept(sql`${prepared.email}`, prepared.createdAt, sql`null`);
    const user = await insertUser(em, prepared, { condition: sql`not ${kept}`, entailed: [token, mail] });
    if (user) return user;
    throw await this.users.conflict(em, prepared);
  }
}
