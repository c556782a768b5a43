#include "proto/caps_codec.h"

#include <string.h>

Net__Capabilities *caps_fill(struct caps_frame *f, const struct caps *c,
	struct scratch *sc)
{
	size_t mandatory = CAPS_WORDS;

	if (!c->present)
		return NULL;
	net__capabilities__init(&f->m);
	net__capabilities__constraints__init(&f->constraints);
	memcpy(f->bits, c->bits, sizeof(f->bits));
	memcpy(f->mandatories, c->mandatories, sizeof(f->mandatories));
	while (mandatory && !c->mandatories[mandatory - 1])
		mandatory--;
	f->m.n_bitstring = c->words;
	f->m.bitstring = f->bits;
	f->m.n_mandatories = mandatory;
	f->m.mandatories = f->mandatories;
	f->m.version = wire_text(sc, c->version);
	/* Present even when empty: the reference reads through it. */
	f->constraints.minversion = wire_text(sc, c->min_version);
	f->m.constraints = &f->constraints;
	f->m.capacities = f->entries;
	for (unsigned bit = 0; bit < CAPS_CAPACITY; bit++) {
		Net__Capabilities__CapacitiesEntry *e = &f->entry[bit];

		if (!c->capacity[bit])
			continue;
		net__capabilities__capacities_entry__init(e);
		e->key = bit;
		e->value = c->capacity[bit];
		f->entries[f->m.n_capacities++] = e;
	}
	return &f->m;
}

static struct err *take_words(uint64_t out[static CAPS_WORDS],
	const uint64_t *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i < CAPS_WORDS)
			out[i] = words[i];
		else if (words[i])
			return err_new(ERR_LIMIT,
				"capability %zu is not known here", i * 64);
	}
	return NULL;
}

struct err *caps_take(struct caps *out, const Net__Capabilities *m)
{
	struct err *e;

	*out = (struct caps){0};
	if (!m)
		return NULL;
	out->present = true;
	out->words = m->n_bitstring < CAPS_WORDS ? m->n_bitstring : CAPS_WORDS;
	e = take_words(out->bits, m->bitstring, m->n_bitstring);
	if (!e)
		e = take_words(out->mandatories, m->mandatories,
			m->n_mandatories);
	if (!e)
		e = wire_take_text(out->version, sizeof(out->version),
			m->version, "version");
	if (!e && m->constraints)
		e = wire_take_text(out->min_version, sizeof(out->min_version),
			m->constraints->minversion, "minVersion");
	/* A key that comes twice: the last one wins, as in any map. */
	for (size_t i = 0; !e && i < m->n_capacities; i++) {
		if (m->capacities[i]->key < CAPS_CAPACITY)
			out->capacity[m->capacities[i]->key] =
				m->capacities[i]->value;
	}
	return e;
}

Net__AuthToken *token_fill(Net__AuthToken *m, const struct auth_token *t,
	struct scratch *sc)
{
	if (!t->present)
		return NULL;
	net__auth_token__init(m);
	m->token = wire_bytes(t->token, t->token_len);
	m->session_id = wire_text(sc, t->session_id);
	m->expiration = t->expiration;
	return m;
}

struct err *token_take(struct auth_token *out, const Net__AuthToken *m)
{
	*out = (struct auth_token){0};
	if (!m)
		return NULL;
	if (m->token.len > sizeof(out->token))
		return err_new(ERR_DENIED, "invalid auth token");
	out->present = true;
	out->token_len = m->token.len;
	if (m->token.len)
		memcpy(out->token, m->token.data, m->token.len);
	out->expiration = m->expiration;
	return wire_take_text(out->session_id, sizeof(out->session_id),
		m->session_id, "session id");
}
