#include "src/crypto/kdf.h"

#include <nettle/hmac.h>
#include <nettle/pbkdf2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "src/base/secret.h"

#define SALSA_WORDS 16
#define SALSA_ROWS 4
#define SALSA_BYTES 64

/* Four words that are worked on as one. */
struct quad {
	uint32_t w __attribute__((vector_size(16)));
};
/* A block of Salsa20 by the diagonals of its matrix: quad d has words 4d, 4d+5,
 * 4d+10, 4d+15, all modulo 16. In this order each quarter of a round is one
 * operation on quads. A block of scrypt is 2r of these. */
struct block {
	struct quad d[SALSA_ROWS];
};

#define ROTATE(x, n) ((x) << (n) | (x) >> (32 - (n)))
/* Lane i of the result is lane (i + n) % 4. */
#define LANES(x, n) __builtin_shufflevector(x, x, (n) & 3, ((n) + 1) & 3, ((n) + 2) & 3, \
	((n) + 3) & 3)

/* b = salsa20/8(b xor in) */
static inline void salsa8(struct block *b, const struct block *in)
{
	__typeof__(b->d[0].w) x0, x1, x2, x3, start[SALSA_ROWS];

	for (int i = 0; i < SALSA_ROWS; i++)
		start[i] = b->d[i].w ^ in->d[i].w;
	x0 = start[0];
	x1 = start[1];
	x2 = start[2];
	x3 = start[3];
	for (int i = 0; i < 8; i += 2) {
		x1 ^= ROTATE(x0 + x3, 7);
		x2 ^= ROTATE(x1 + x0, 9);
		x3 ^= ROTATE(x2 + x1, 13);
		x0 ^= ROTATE(x3 + x2, 18);
		x1 = LANES(x1, 3);
		x2 = LANES(x2, 2);
		x3 = LANES(x3, 1);
		x3 ^= ROTATE(x0 + x1, 7);
		x2 ^= ROTATE(x3 + x0, 9);
		x1 ^= ROTATE(x2 + x3, 13);
		x0 ^= ROTATE(x1 + x2, 18);
		x1 = LANES(x1, 1);
		x2 = LANES(x2, 2);
		x3 = LANES(x3, 3);
	}
	b->d[0].w = start[0] + x0;
	b->d[1].w = start[1] + x1;
	b->d[2].w = start[2] + x2;
	b->d[3].w = start[3] + x3;
}

/* scryptBlockMix: the even blocks of the result first, then the odd ones. */
static void block_mix(struct block *out, const struct block *in, size_t r)
{
	struct block x = in[2 * r - 1];

	for (size_t i = 0; i < r; i++) {
		salsa8(&x, &in[2 * i]);
		out[i] = x;
		salsa8(&x, &in[2 * i + 1]);
		out[r + i] = x;
	}
}

static void xor_blocks(struct block *to, const struct block *from, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (int d = 0; d < SALSA_ROWS; d++)
			to[i].d[d].w ^= from[i].d[d].w;
}

/* The w-th word by diagonals is word 5 w of the matrix. */
static void load(struct block *to, const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++, bytes += SALSA_BYTES)
		for (unsigned w = 0; w < SALSA_WORDS; w++) {
			const uint8_t *p = bytes + 4 * (w * 5 % SALSA_WORDS);

			to[i].d[w / 4].w[w % 4] = (uint32_t)p[0] | (uint32_t)p[1] << 8 |
				(uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
		}
}

static void store(uint8_t *bytes, const struct block *from, size_t count)
{
	for (size_t i = 0; i < count; i++, bytes += SALSA_BYTES)
		for (unsigned w = 0; w < SALSA_WORDS; w++) {
			uint8_t *p = bytes + 4 * (w * 5 % SALSA_WORDS);
			uint32_t v = from[i].d[w / 4].w[w % 4];

			for (int k = 0; k < 4; k++)
				p[k] = (uint8_t)(v >> 8 * k);
		}
}

/* scryptROMix of x, with v for n of its states and y for one. */
static void rom_mix(struct block *x, struct block *y, struct block *v, uint64_t n,
	size_t r)
{
	size_t count = 2 * r;

	memcpy(v, x, count * sizeof(*x));
	for (uint64_t i = 0; i + 1 < n; i++)
		block_mix(v + (i + 1) * count, v + i * count, r);
	block_mix(x, v + (n - 1) * count, r);
	for (uint64_t i = 0; i < n; i += 2) {
		/* Integerify: n has no more than 32 bits here. */
		xor_blocks(x, v + (x[count - 1].d[0].w[0] & (n - 1)) * count, count);
		block_mix(y, x, r);
		xor_blocks(y, v + (y[count - 1].d[0].w[0] & (n - 1)) * count, count);
		block_mix(x, y, r);
	}
}

/* The large part of the memory. It is locked where the limits allow so much,
 * which they rarely do; it is in no core, and wiped before it goes back. */
static struct block *states_alloc(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		0);

	if (p == MAP_FAILED) {
		fprintf(stderr, "weir: out of memory (%zu MiB to derive a key in)\n",
			size >> 20);
		abort();
	}
	(void)madvise(p, size, MADV_HUGEPAGE); /* it is read all over the place */
	(void)madvise(p, size, MADV_DONTDUMP);
	(void)!mlock(p, size);
	return p;
}

static void states_free(struct block *p, size_t size)
{
	secret_wipe(p, size);
	munmap(p, size);
}

void kdf_pbkdf2(uint8_t *out, size_t out_n, const void *password, size_t password_n,
	const uint8_t *salt, size_t salt_n, unsigned rounds)
{
	struct hmac_sha256_ctx *ctx = secret_alloc(sizeof(*ctx));

	hmac_sha256_set_key(ctx, password_n, password);
	PBKDF2(ctx, hmac_sha256_update, hmac_sha256_digest, SHA256_DIGEST_SIZE, rounds,
		salt_n, salt, out_n, out);
	secret_free(ctx, sizeof(*ctx));
}

void kdf_scrypt(uint8_t *out, size_t out_n, const void *password, size_t password_n,
	const uint8_t *salt, size_t salt_n, uint64_t n, uint32_t r, uint32_t p)
{
	size_t count = 2 * (size_t)r, one = count * SALSA_BYTES;
	size_t work_size = 2 * one, bytes_size = p * one;
	uint8_t *bytes = secret_alloc(bytes_size);
	struct block *x = secret_alloc(work_size);
	struct block *v = states_alloc(n * one);

	kdf_pbkdf2(bytes, bytes_size, password, password_n, salt, salt_n, 1);
	for (uint32_t i = 0; i < p; i++) {
		load(x, bytes + i * one, count);
		rom_mix(x, x + count, v, n, r);
		store(bytes + i * one, x, count);
	}
	kdf_pbkdf2(out, out_n, password, password_n, bytes, bytes_size, 1);
	states_free(v, n * one);
	secret_free(x, work_size);
	secret_free(bytes, bytes_size);
}
