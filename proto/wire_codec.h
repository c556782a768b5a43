#ifndef PROTO_WIRE_CODEC_H
#define PROTO_WIRE_CODEC_H
/* Between bytes and protobuf-c's structs: what protobuf-c does not check
 * (depth, number of fields, UTF-8) is checked before it allocates anything.
 * Used by the other codecs only. */
#include "src/base/err.h"
#include "src/base/str.h"
#include <protobuf-c/protobuf-c.h>

/* Free the message with protobuf_c_message_free_unpacked(m, NULL). */
struct err *wire_unpack(ProtobufCMessage **out,
	const ProtobufCMessageDescriptor *d, const void *bytes, size_t n)
	must_check;
void wire_pack(const ProtobufCMessage *m, struct str *out);

/* The struct's own type has no const; packing writes nothing. */
char *wire_unconst(const char *s);
ProtobufCBinaryData wire_bytes(const void *bytes, size_t n);

/* Texts made valid for one message; dropped together after packing. */
struct scratch {
	struct scratch_text *head;
};
char *wire_text(struct scratch *sc, const char *s);
void scratch_clear(struct scratch *sc);

/* Copies a received text into a field of the model. */
struct err *wire_take_text(char *out, size_t size, const char *s,
	const char *what) must_check;
/* Fixed-size values: longer ones keep their last bytes, shorter ones get
 * zeros in front. */
void wire_take_fixed(uint8_t *out, size_t size, ProtobufCBinaryData b);
#endif
