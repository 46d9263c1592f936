/** One row of a page; its cursor is made when somebody selects it. */
export interface Edge<Node> {
  readonly node: Node;
  readonly cursor: string;
}

/** A page as it was read: in the list's order, and whether the list goes on in the direction that was read. */
export interface Page<Node> {
  readonly edges: readonly Edge<Node>[];
  readonly more: boolean;
}

/** Where a connection gets its answers from; each call is one statement. */
export interface PageSource<Node> {
  readonly direction: 'forward' | 'backward';
  page(): Promise<Page<Node>>;
  /** Whether the list has rows up to `after`, itself included; false without it. */
  existsUpToAfter(): Promise<boolean>;
  /** Whether the list has rows from `before` on, itself included; false without it. */
  existsFromBefore(): Promise<boolean>;
  count(): Promise<number>;
}

/** A Relay connection that asks the database for nothing that was not selected, and for nothing twice. */
export class Connection<Node> {
  private readonly source: PageSource<Node>;
  private readonly page: () => Promise<Page<Node>>;

  constructor(source: PageSource<Node>) {
    this.source = source;
    this.page = once(() => source.page());
  }

  get edges(): Promise<readonly Edge<Node>[]> {
    return this.page().then(({ edges }) => edges);
  }

  get nodes(): Promise<readonly Node[]> {
    return this.page().then(({ edges }) => edges.map(({ node }) => node));
  }

  get pageInfo(): ConnectionPageInfo<Node> {
    return new ConnectionPageInfo(this.source, this.page);
  }

  get totalCount(): Promise<number> {
    return this.source.count();
  }
}

/**
 * Relay's page info, exact both ways: the direction that is read costs nothing, as the page fetches one row more than
 * it shows; the other costs one small statement, and only where it is selected and a cursor was given on that side.
 */
export class ConnectionPageInfo<Node> {
  private readonly source: PageSource<Node>;
  private readonly page: () => Promise<Page<Node>>;

  constructor(source: PageSource<Node>, page: () => Promise<Page<Node>>) {
    this.source = source;
    this.page = page;
  }

  get hasNextPage(): Promise<boolean> {
    return this.goesOn('forward').then((more) => more || this.source.existsFromBefore());
  }

  get hasPreviousPage(): Promise<boolean> {
    return this.goesOn('backward').then((more) => more || this.source.existsUpToAfter());
  }

  get startCursor(): Promise<string | null> {
    return this.page().then(({ edges }) => edges.at(0)?.cursor ?? null);
  }

  get endCursor(): Promise<string | null> {
    return this.page().then(({ edges }) => edges.at(-1)?.cursor ?? null);
  }

  private async goesOn(direction: 'forward' | 'backward'): Promise<boolean> {
    return this.source.direction === direction && (await this.page()).more;
  }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
