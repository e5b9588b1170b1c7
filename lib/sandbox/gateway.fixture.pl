# Owns asking the gateway's stand-in from inside a sandbox: `PORT echo BYTES`, `large`, `abort`, `events STREAMS COUNT`.
use strict;
use IO::Socket::INET;
use IO::Select;
use Digest::SHA;

my ($port, $what, @of) = @ARGV;

sub ask {
  my ($head, $length) = @_;
  my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port) or die "refused: $!\n";
  my $more = defined $length ? "content-length: $length\r\n" : "";
  print $s "$head HTTP/1.1\r\nhost: x\r\nconnection: close\r\n$more\r\n";
  $s->flush;
  return $s;
}

# Bytes of the body, and their SHA-256.
sub answer {
  my ($s) = @_;
  my ($text, $part) = ("", "");
  $text .= $part while $text !~ /\r\n\r\n/ && sysread $s, $part, 65536;
  $text =~ s/.*?\r\n\r\n//s;
  my ($sha, $length) = (Digest::SHA->new(256), 0);
  do { $sha->add($text); $length += length $text } while sysread $s, $text, 65536;
  return "$length " . $sha->hexdigest;
}

if ($what eq "echo") {
  my $body = join("", map { chr($_ * 7 % 251) } 0 .. 4095) x ($of[0] / 4096);
  my $s = ask("POST /echo", length $body);
  if (fork) {
    my $same = answer($s) eq length($body) . " " . Digest::SHA::sha256_hex($body);
    print $same ? "the same\n" : "other bytes\n";
  } else {
    print $s $body;
    $s->flush;
  }
} elsif ($what eq "large") {
  print answer(ask("GET /large")), "\n";
} elsif ($what eq "abort") {
  my $s = ask("GET /events/1000");
  sysread $s, my $part, 64;
  close $s;
  print "aborted\n";
} else {
  my ($streams, $count) = @of;
  my ($select, %got) = (IO::Select->new);
  for (1 .. $streams) {
    my $s = ask("GET /events/$count");
    $select->add($s);
    $got{$s} = "";
  }
  while ($select->count) {
    for my $s ($select->can_read) {
      sysread($s, $got{$s}, 65536, length $got{$s}) or $select->remove($s);
    }
  }
  my $last = $count - 1;
  print scalar(grep { /data: $last\n/ } values %got), "\n";
}
