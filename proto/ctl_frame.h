#ifndef PROTO_CTL_FRAME_H
#define PROTO_CTL_FRAME_H
/* The protocol between the node and its consoles, on one page.
 *
 * A Unix stream socket, mode 0600; the node checks the peer's uid. Both sides
 * send frames: four bytes big-endian length of the payload, one byte type,
 * payload. Payloads are JSON unless said otherwise (proto/ctl_codec.h has the
 * structs). What a frame adds in a later version is ignored by an older reader;
 * what changes meaning raises CTL_PROTOCOL.
 *
 *   HELLO      both, first    {"protocol":1,"version":"0.1.0","pid":77}
 *              The node answers the console's. A protocol number it does not
 *              speak is answered with BYE, whose text the operator reads.
 *   SUBSCRIBE  console        {"sections":31,"log":true,"log_after":0,
 *              "trend":true,"trend_after":-1}
 *              `sections` is a mask of 1 << enum section. The node sends each
 *              section of the mask at once, in order of number, and again
 *              whenever its version has moved and the socket is writable: a
 *              slow console skips versions. What nobody has published yet is
 *              sent as {} with version 0, so that a console knows when its
 *              picture is complete. A later SUBSCRIBE replaces the former one.
 *   VIEW       node           section u8, version u64 big-endian, then the
 *              section as JSON (src/model/view.def names the keys)
 *   LOG        node           {"after":41,"records":[{"seq":42,"at_ms":..,
 *              "level":"info","name":"orch","text":".."},..]}
 *              All records after `after` that are still there, oldest first,
 *              at most CTL_LOG_RECORDS a frame. A first seq above after + 1
 *              is a gap: the ring overran this console.
 *   TREND      node           proto/trend_codec.h: the last hour and day, whole
 *              the first time, then every ten seconds what came after the slot
 *              `trend_after`, which a console that reconnects knows.
 *   COMMAND    console        {"id":7,"name":"drain","args":{..}}
 *              proto/commands.def has names and arguments; `id` is the
 *              console's own, and comes back in the answer. With "token" it
 *              confirms what the node asked about.
 *   ANSWER     node           {"id":7,"outcome":"done","text":".."}
 *              outcome: "done", "refused" (text says why), "accepted" (it
 *              goes on; the sections show how far), or "asks": nothing has
 *              happened yet, text is a summary in lines of what would, "word"
 *              what the operator types to confirm it, and the same COMMAND
 *              with "token" does it - once, however often it is sent; or is
 *              asked about again where the facts have moved. "code", when not
 *              0: how bad what a query found is (1, 2). One answer a command.
 *   SECRET     console        id u64 and number u64 big-endian, then a passphrase:
 *              what the node's question of that number asks for. It is written
 *              down nowhere, and answered as a COMMAND is.
 *   BYE        both, last     {"reason":".."}
 *
 * This file is the framing alone: bytes in, frames out, no I/O. One owner. */
#include "src/base/err.h"
#include "src/base/str.h"

#define CTL_PROTOCOL 1
#define CTL_HEADER 5
#define CTL_MAX_FROM_NODE (64u << 20)   /* payload bytes */
#define CTL_MAX_FROM_CONSOLE (1u << 20)
#define CTL_LOG_RECORDS 1000

enum ctl_type {
	CTL_HELLO = 1,
	CTL_VIEW,
	CTL_LOG,
	CTL_COMMAND,
	CTL_ANSWER,
	CTL_SUBSCRIBE,
	CTL_BYE,
	CTL_TREND,
	CTL_SECRET,
};

struct ctl_frame {
	enum ctl_type type;
	const char *payload; /* valid until the next call on the reader */
	size_t n;
};

struct ctl_reader;

/* max: the largest payload taken, one of CTL_MAX_FROM_*. */
struct ctl_reader *ctl_reader_new(size_t max);
void ctl_reader_free(struct ctl_reader *r);
void ctl_reader_feed(struct ctl_reader *r, const void *bytes, size_t n);
/* What was given out so far is no more: its last frame, too. */
void ctl_reader_wipe(struct ctl_reader *r);
/* The next whole frame: *got says whether there was one. An error (too large,
 * unknown type) is for good. */
struct err *ctl_reader_next(struct ctl_reader *r, struct ctl_frame *out,
	bool *got) must_check;

void ctl_frame_write(struct str *out, enum ctl_type type, const void *payload,
	size_t n);
/* For payloads built in place: begin, append to `out`, end(at begin's return).
 * Other frames must not be written to `out` in between. */
size_t ctl_frame_begin(struct str *out, enum ctl_type type);
void ctl_frame_end(struct str *out, size_t begun);
#endif
