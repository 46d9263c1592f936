import { Entity, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Session } from './session.entity.js';

/** SimpleJWT's outstanding and blacklisted token in one row. The claims are kept, the signed text never is. */
@Entity({ tableName: 'refresh_tokens' })
export class RefreshToken {
  @PrimaryKey({ type: 'uuid' })
  jti!: string;

  @ManyToOne(() => Session, { mapToPk: true, fieldName: 'session_id', deleteRule: 'cascade' })
  sessionId!: string;

  @Property({ type: 'datetime', length: 3 })
  issuedAt!: Date;

  @Property({ type: 'datetime', length: 3 })
  expiresAt!: Date;

  @Property({ type: 'datetime', length: 3, nullable: true })
  rotatedAt!: Date | null;

  /** The token that took this one's place: within the grace period it is signed again from its row. */
  @Property({ type: 'uuid', nullable: true })
  successorJti!: string | null;

  @Property({ type: 'datetime', length: 3, nullable: true })
  blacklistedAt!: Date | null;
}
