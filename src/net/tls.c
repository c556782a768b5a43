#include "src/net/tls.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#define VALID_S (8765L * 3600)
#define SERIAL_BITS 128

struct tls {
	SSL_CTX *ctx;
};

struct tls_session {
	SSL *ssl;
	BIO *in, *out; /* the SSL's */
};

static struct err *ssl_err(const char *what)
{
	char text[256];

	ERR_error_string_n(ERR_get_error(), text, sizeof(text));
	ERR_clear_error();
	return err_new(ERR_INTERNAL, "%s: %s", what, text);
}

/* --- the certificate --- */
static bool add_extension(X509 *cert, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;
	bool ok;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = ext && X509_add_ext(cert, ext, -1);
	X509_EXTENSION_free(ext);
	return ok;
}

/* By hand, since a name is data and "DNS:%s" would be parsed. */
static bool add_san(X509 *cert, const char *name)
{
	GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
	GENERAL_NAME *dns = GENERAL_NAME_new();
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();
	bool ok;

	if (!names || !dns || !text)
		abort();
	ok = ASN1_STRING_set(text, name, -1);
	GENERAL_NAME_set0_value(dns, GEN_DNS, text);
	sk_GENERAL_NAME_push(names, dns);
	ok = ok && X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 0, 0);
	GENERAL_NAMES_free(names);
	return ok;
}

static bool set_serial(X509 *cert)
{
	BIGNUM *n = BN_new();
	bool ok = n && BN_rand(n, SERIAL_BITS, BN_RAND_TOP_ANY, 0) &&
		  BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert));

	BN_free(n);
	return ok;
}

static struct err *make_cert(const char *name, EVP_PKEY *key, X509 **out)
{
	X509 *cert = X509_new();

	if (cert && X509_set_version(cert, 2) && set_serial(cert) &&
		X509_gmtime_adj(X509_getm_notBefore(cert), 0) &&
		X509_gmtime_adj(X509_getm_notAfter(cert), VALID_S) &&
		X509_set_pubkey(cert, key) &&
		add_extension(cert, NID_key_usage,
			"critical,digitalSignature,keyCertSign") &&
		add_extension(cert, NID_ext_key_usage, "serverAuth") &&
		add_extension(cert, NID_basic_constraints,
			"critical,CA:TRUE") &&
		add_extension(cert, NID_subject_key_identifier, "hash") &&
		add_san(cert, name) && X509_sign(cert, key, EVP_sha256())) {
		*out = cert;
		return NULL;
	}
	X509_free(cert);
	return ssl_err("certificate");
}

/* --- its files --- */
static BIO *create_private(const char *path)
{
	FILE *f;
	int fd;

	/* A new file each time: the mode of an old one could be wider. */
	if (unlink(path) && errno != ENOENT)
		return NULL;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	return f ? BIO_new_fp(f, BIO_CLOSE) : NULL;
}

/* One of cert and key. */
static struct err *write_pem(const char *dir, const char *name, X509 *cert,
	EVP_PKEY *key)
{
	struct str path = STR_INIT;
	struct err *err = NULL;
	BIO *file;
	bool ok;

	str_printf(&path, "%s/%s", dir, name);
	file = create_private(path.s);
	if (cert)
		ok = file && PEM_write_bio_X509(file, cert);
	else /* "EC PRIVATE KEY", as the reference writes it */
		ok = file && PEM_write_bio_PrivateKey_traditional(file, key,
				     NULL, NULL, 0, NULL, NULL);
	if (!ok || BIO_flush(file) != 1)
		err = err_sys(errno, "%s", path.s);
	BIO_free(file);
	str_clear(&path);
	return err;
}

/* --- the context --- */
static int choose_alpn(SSL *ssl, const unsigned char **out,
	unsigned char *out_n, const unsigned char *in, unsigned in_n, void *arg)
{
	static const unsigned char ours[] = "\x02h2\x08http/1.1";
	unsigned char *chosen;

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&chosen, out_n, ours, sizeof(ours) - 1, in,
		    in_n) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static struct err *make_context(X509 *cert, EVP_PKEY *key, SSL_CTX **out)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (!ctx || !SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) ||
		!SSL_CTX_use_certificate(ctx, cert) ||
		!SSL_CTX_use_PrivateKey(ctx, key)) {
		SSL_CTX_free(ctx);
		return ssl_err("TLS context");
	}
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_set_alpn_select_cb(ctx, choose_alpn, NULL);
	*out = ctx;
	return NULL;
}

struct err *tls_new(const char *name, const char *dir, struct tls **out)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = NULL;
	SSL_CTX *ctx = NULL;
	struct err *err;

	err = key ? make_cert(name, key, &cert) : ssl_err("P-256 key");
	if (!err && dir)
		err = write_pem(dir, "key.pem", NULL, key);
	if (!err && dir)
		err = write_pem(dir, "cert.pem", cert, NULL);
	if (!err)
		err = make_context(cert, key, &ctx);
	if (!err) {
		*out = XNEW(struct tls);
		(*out)->ctx = ctx;
	}
	X509_free(cert);
	EVP_PKEY_free(key);
	return err;
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	SSL_CTX_free(t->ctx);
	free(t);
}

/* --- sessions --- */
struct tls_session *tls_session_new(struct tls *t)
{
	struct tls_session *s = XNEW(struct tls_session);

	s->ssl = SSL_new(t->ctx);
	s->in = BIO_new(BIO_s_mem());
	s->out = BIO_new(BIO_s_mem());
	if (!s->ssl || !s->in || !s->out)
		abort();
	SSL_set_bio(s->ssl, s->in, s->out);
	SSL_set_accept_state(s->ssl);
	return s;
}

void tls_session_free(struct tls_session *s)
{
	if (!s)
		return;
	SSL_free(s->ssl);
	free(s);
}

void tls_feed(struct tls_session *s, const uint8_t *p, size_t n)
{
	while (n) {
		int part = n > INT_MAX ? INT_MAX : (int)n;

		if (BIO_write(s->in, p, part) != part)
			abort();
		p += part;
		n -= part;
	}
}

int tls_read(struct tls_session *s, uint8_t *buf, int n)
{
	int got;

	ERR_clear_error();
	got = SSL_read(s->ssl, buf, n);
	if (got > 0)
		return got;
	switch (SSL_get_error(s->ssl, got)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return 0;
	}
	ERR_clear_error();
	return -1;
}

bool tls_is_open(const struct tls_session *s)
{
	return SSL_is_init_finished(s->ssl);
}

enum tls_alpn tls_alpn(const struct tls_session *s)
{
	const unsigned char *name;
	unsigned n;

	SSL_get0_alpn_selected(s->ssl, &name, &n);
	if (!n)
		return TLS_ALPN_NONE;
	return n == 2 ? TLS_ALPN_H2 : TLS_ALPN_H1;
}

void tls_write(struct tls_session *s, const uint8_t *p, size_t n)
{
	assert(n <= INT_MAX);
	ERR_clear_error();
	/* Memory is always writable; only a broken session fails, and what
	 * goes to a broken session does not matter. */
	if (n && SSL_write(s->ssl, p, (int)n) <= 0)
		ERR_clear_error();
}

void tls_close(struct tls_session *s)
{
	if (tls_is_open(s))
		SSL_shutdown(s->ssl);
	ERR_clear_error();
}

void tls_drain(struct tls_session *s, struct str *out)
{
	char *p;
	long n = BIO_get_mem_data(s->out, &p);

	if (n <= 0)
		return;
	str_addn(out, p, (size_t)n);
	(void)BIO_reset(s->out);
}
