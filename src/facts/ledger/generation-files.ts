import { inPerl } from '../../remote/perl.js';
import { type Fact, unreadable } from '../fact.js';

/** A file that a host would have again, where it is another one now; where both texts are the same, the rest or its mode or owner differs. */
export interface KeptFile {
  readonly path: string;
  /** Undefined where nothing stands there; a link is told by where it leads. */
  readonly present: string | undefined;
  readonly kept: string | undefined;
}

/** Bytes of a file that are told, and of all together; all of each is compared. */
const [longest, mostOfAll] = [100_000, 400_000];

/**
 * A path that this generation does not name, and the last one does, goes back to what it was before the first run, as in
 * `templates/ledger/`.
 */
const compare = String.raw`
my ($state, $id, $longest, $left) = @ARGV;
local $/;
my $named = sub {
  my ($id) = @_;
  my (%files, @order);
  if (open my $manifest, "<", "$state/generations/$id/manifest") {
    for (split /\n/, <$manifest>) {
      /^path \S+ (\d+|-) (\/.*)$/ or next;
      $files{$2} = $1 eq "-" ? undef : "$state/generations/$id/files/$1";
      push @order, $2;
    }
  }
  return \%files, @order;
};
my $content = sub {
  my ($path) = @_;
  return undef unless defined $path;
  my $leads = readlink $path;
  return "-> $leads\n" if defined $leads;
  open my $file, "<", $path or return undef;
  return <$file> // "";
};
my $rights = sub { my @s = defined $_[0] ? lstat $_[0] : (); return join " ", @s[2, 4, 5] };
my ($first) = $named->(0);
my ($wanted, @wanted) = $named->($id);
my (undef, @last) = $named->((readlink("$state/current") // "") =~ /(\d+)$/ ? $1 : 0);
for my $path (@wanted, grep { !exists $$wanted{$_} } @last) {
  my $source = exists $$wanted{$path} ? $$wanted{$path} : $$first{$path};
  my ($kept, $present) = ($content->($source), $content->($path));
  my $is_there = defined $kept && defined $present;
  next if $is_there ? $kept eq $present && $rights->($source) eq $rights->($path) : !defined $kept && !defined $present;
  my @told = map { defined $_ ? substr $_, 0, $longest : undef } $present, $kept;
  $left -= length($_ // "") for @told;
  print join(" ", map { defined $_ ? "=" . ($left < 0 ? "" : unpack "H*", $_) : "-" } @told), " $path\n";
}
`;

/** The files that going back to a generation would change. What they hold may be secret. */
export function generationFiles(id: number): Fact<readonly KeptFile[]> {
  return {
    id: `generation-files:${id}`,
    ...inPerl(compare, ['/var/lib/ha-deploy', String(id), String(longest), String(mostOfAll)]),
    parse: ({ stdout, truncated }) => {
      if (truncated) throw unreadable('too much differs to be told');
      return stdout.split('\n').slice(0, -1).map(keptFile);
    },
    confidential: true,
  };
}

function keptFile(line: string): KeptFile {
  const [, present, kept, path] = /^(-|=(?:[0-9a-f]{2})*) (-|=(?:[0-9a-f]{2})*) (\/.*)$/.exec(line) ?? [];
  if (present === undefined || kept === undefined || path === undefined)
    throw unreadable('the files of a generation could not be compared');
  return { path, present: contentOf(present), kept: contentOf(kept) };
}

function contentOf(word: string): string | undefined {
  return word === '-' ? undefined : Buffer.from(word.slice(1), 'hex').toString('utf8');
}
