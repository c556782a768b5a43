#ifndef PROTO_PAYMENT_CODEC_H
#define PROTO_PAYMENT_CODEC_H
/* Ticket params as protobuf, which OrchestratorInfo and Payment share. Used by
 * rpc_codec only; the messages' own functions are in rpc_codec.h. A frame
 * holds the generated structs and the bytes of the numbers while they are
 * packed. Sources: go-livepeer net/lp_rpc.proto, server/segment_rpc.go. */
#include "proto/lp_rpc.pb-c.h"
#include "proto/wire_codec.h"
#include "src/model/ticket.h"

struct expiration_frame {
	Net__TicketExpirationParams m;
};
struct params_frame {
	Net__TicketParams m;
	struct expiration_frame created;
	uint8_t face_value[U256_SIZE], win_prob[U256_SIZE], seed[U256_SIZE];
	uint8_t expiration[U256_SIZE];
};
/* Both point into *p. */
Net__TicketParams *params_fill(struct params_frame *f, const struct ticket_params *p);
/* Numbers of more bits than they can have are refused. */
struct err *params_take(struct ticket_params *out, const Net__TicketParams *m)
	must_check;
#endif
