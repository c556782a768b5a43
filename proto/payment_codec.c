#include "proto/payment_codec.h"

#include <stdlib.h>
#include <string.h>

#include "proto/rpc_codec.h"

/* --- ticket params --- */

static ProtobufCBinaryData number(uint8_t scratch[static U256_SIZE], struct u256 v)
{
	return wire_bytes(scratch, u256_to_min_be(scratch, v));
}

static Net__TicketExpirationParams *expiration_fill(struct expiration_frame *f,
	const struct ticket_expiration *e)
{
	net__ticket_expiration_params__init(&f->m);
	f->m.creation_round = e->round.v;
	f->m.creation_round_block_hash =
		wire_bytes(e->block_hash.b, sizeof(e->block_hash.b));
	return &f->m;
}

Net__TicketParams *params_fill(struct params_frame *f, const struct ticket_params *p)
{
	Net__TicketParams *m = &f->m;

	net__ticket_params__init(m);
	m->recipient = wire_bytes(p->recipient.b, sizeof(p->recipient.b));
	m->face_value = number(f->face_value, p->face_value.v);
	m->win_prob = number(f->win_prob, p->win_prob.v);
	m->recipient_rand_hash = wire_bytes(p->rand_hash.b, sizeof(p->rand_hash.b));
	m->seed = number(f->seed, p->seed);
	m->expiration_block = number(f->expiration,
		u256_from((uint64_t)p->expiration.v));
	m->expiration_params = expiration_fill(&f->created, &p->created);
	return m;
}

static struct err *take_number(struct u256 *out, ProtobufCBinaryData b, const char *what)
{
	if (u256_from_be(out, b.data, b.len))
		return NULL;
	return err_new(ERR_PROTOCOL, "ticket %s of more than 256 bits", what);
}

static struct err *take_block(struct l1_block *out, ProtobufCBinaryData b)
{
	struct u256 n;
	uint64_t v;

	if (!u256_from_be(&n, b.data, b.len) || !u256_to_u64(&v, n) || v > INT64_MAX)
		return err_new(ERR_PROTOCOL, "ticket expiration block is no block");
	out->v = (int64_t)v;
	return NULL;
}

/* Absent, as from nodes before 0.5.6, it is all zero. */
static struct err *expiration_take(struct ticket_expiration *out,
	const Net__TicketExpirationParams *m)
{
	if (!m)
		return NULL;
	if (m->creation_round < 0)
		return err_new(ERR_PROTOCOL, "ticket creation round is negative");
	out->round.v = m->creation_round;
	wire_take_fixed(out->block_hash.b, sizeof(out->block_hash.b),
		m->creation_round_block_hash);
	return NULL;
}

struct err *params_take(struct ticket_params *out, const Net__TicketParams *m)
{
	struct err *e = take_number(&out->face_value.v, m->face_value, "face value");

	if (!e)
		e = take_number(&out->win_prob.v, m->win_prob, "win probability");
	if (!e)
		e = take_number(&out->seed, m->seed, "seed");
	if (!e)
		e = take_block(&out->expiration, m->expiration_block);
	if (!e)
		e = expiration_take(&out->created, m->expiration_params);
	wire_take_fixed(out->recipient.b, sizeof(out->recipient.b), m->recipient);
	wire_take_fixed(out->rand_hash.b, sizeof(out->rand_hash.b),
		m->recipient_rand_hash);
	return e;
}

/* --- payments --- */

struct payment_frame {
	Net__Payment m;
	struct params_frame params;
	struct expiration_frame created;
	Net__PriceInfo price;
	Net__TicketSenderParams *tickets; /* p->n of them */
	Net__TicketSenderParams **rows;
};

static void tickets_fill(struct payment_frame *f, const struct payment *p)
{
	f->tickets = xcalloc(p->n, sizeof(*f->tickets));
	f->rows = xcalloc(p->n, sizeof(*f->rows));
	for (size_t i = 0; i < p->n; i++) {
		const struct payment_ticket *t = &p->tickets[i];

		net__ticket_sender_params__init(&f->tickets[i]);
		f->tickets[i].sender_nonce = t->nonce;
		f->tickets[i].sig = wire_bytes(t->sig.b, t->sig_len);
		f->rows[i] = &f->tickets[i];
	}
	f->m.n_ticket_sender_params = p->n;
	f->m.ticket_sender_params = f->rows;
}

void payment_encode(const struct payment *p, struct str *out)
{
	struct payment_frame f = { .tickets = NULL };

	net__payment__init(&f.m);
	if (p->has_params) {
		f.m.ticket_params = params_fill(&f.params, &p->params);
		/* Said once: beside the params, not within them. */
		f.params.m.expiration_params = NULL;
		f.m.expiration_params = expiration_fill(&f.created, &p->created);
	}
	if (p->has_sender)
		f.m.sender = wire_bytes(p->sender.b, sizeof(p->sender.b));
	if (p->has_price) {
		net__price_info__init(&f.price);
		f.price.priceperunit = p->price_per_unit;
		f.price.pixelsperunit = p->pixels_per_unit;
		f.m.expected_price = &f.price;
	}
	if (p->n)
		tickets_fill(&f, p);
	wire_pack(&f.m.base, out);
	free(f.tickets);
	free(f.rows);
}

static struct err *tickets_take(struct payment *out, const Net__Payment *m)
{
	if (m->n_ticket_sender_params > PAYMENT_TICKETS_MAX)
		return err_new(ERR_LIMIT, "%zu tickets, at most %d",
			m->n_ticket_sender_params, PAYMENT_TICKETS_MAX);
	if (!m->n_ticket_sender_params)
		return NULL;
	out->n = m->n_ticket_sender_params;
	out->tickets = xcalloc(out->n, sizeof(*out->tickets));
	for (size_t i = 0; i < out->n; i++) {
		const Net__TicketSenderParams *t = m->ticket_sender_params[i];
		struct payment_ticket *one = &out->tickets[i];

		one->nonce = t->sender_nonce;
		/* What is too long is no signature, and neither is nothing. */
		if (t->sig.len > sizeof(one->sig.b))
			continue;
		one->sig_len = t->sig.len;
		if (t->sig.len)
			memcpy(one->sig.b, t->sig.data, t->sig.len);
	}
	return NULL;
}

static struct err *payment_take(struct payment *out, const Net__Payment *m)
{
	struct err *e = expiration_take(&out->created, m->expiration_params);

	out->has_params = m->ticket_params != NULL;
	if (!e && m->ticket_params)
		e = params_take(&out->params, m->ticket_params);
	out->has_sender = m->sender.len > 0;
	wire_take_fixed(out->sender.b, sizeof(out->sender.b), m->sender);
	if (m->expected_price) {
		out->has_price = true;
		out->price_per_unit = m->expected_price->priceperunit;
		out->pixels_per_unit = m->expected_price->pixelsperunit;
	}
	return e ? e : tickets_take(out, m);
}

struct err *payment_decode(struct payment *out, const void *bytes, size_t n)
{
	ProtobufCMessage *m;
	struct err *e = wire_unpack(&m, &net__payment__descriptor, bytes, n);

	*out = (struct payment){ 0 };
	if (e)
		return e;
	e = payment_take(out, (const Net__Payment *)m);
	protobuf_c_message_free_unpacked(m, NULL);
	if (e)
		payment_clear(out);
	return e;
}
