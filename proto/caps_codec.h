#ifndef PROTO_CAPS_CODEC_H
#define PROTO_CAPS_CODEC_H
/* The parts that several messages of lp_rpc.proto share: capabilities, session
 * tokens and SegData. Used by rpc_codec only. A frame holds the generated
 * structs of one message while it is packed. */
#include "proto/lp_rpc.pb-c.h"
#include "proto/wire_codec.h"
#include "src/model/wire.h"

struct caps_frame {
	Net__Capabilities m;
	Net__Capabilities__Constraints constraints;
	uint64_t bits[CAPS_WORDS], mandatories[CAPS_WORDS];
	Net__Capabilities__CapacitiesEntry entry[CAPS_CAPACITY];
	Net__Capabilities__CapacitiesEntry *entries[CAPS_CAPACITY];
};
/* NULL when the capabilities are not present. */
Net__Capabilities *caps_fill(struct caps_frame *f, const struct caps *c,
	struct scratch *sc);
struct err *caps_take(struct caps *out, const Net__Capabilities *m) must_check;

Net__AuthToken *token_fill(Net__AuthToken *m, const struct auth_token *t,
	struct scratch *sc);
struct err *token_take(struct auth_token *out, const Net__AuthToken *m)
	must_check;

struct creds_frame {
	Net__SegData m;
	struct caps_frame caps;
	Net__AuthToken token;
	Net__SegParameters slice;
	Net__VideoProfile profile[LADDER_MAX];
	Net__VideoProfile *profiles[LADDER_MAX];
};
Net__SegData *creds_fill(struct creds_frame *f, const struct segment_creds *c,
	struct scratch *sc);
struct err *creds_take(struct segment_creds *out, const Net__SegData *m)
	must_check;
#endif
