import 'reflect-metadata';
import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Migration } from '@mikro-orm/migrations';
import type { DatabaseDefinition } from '../../src/database/definition.js';

@Entity({ tableName: 'notes' })
export class Note {
  @PrimaryKey({ type: 'integer' })
  id!: number;

  @Property({ type: 'string' })
  text!: string;
}

export class MakesNotes extends Migration {
  override up(): void {
    this.addSql('create table notes (id serial primary key, text text not null)');
  }
}

/** Longer than the statement timeout that the tests set. */
export class TakesItsTime extends Migration {
  override up(): void {
    this.addSql('select pg_sleep(0.8)');
  }
}

export class IndexesConcurrently extends Migration {
  override isTransactional(): boolean {
    return false;
  }

  override up(): void {
    this.addSql('create index concurrently notes_text_index on notes (text)');
  }
}

export const noteDefinition: DatabaseDefinition = {
  entities: [Note],
  migrations: [MakesNotes],
};
