/* The certificate and its files, ALPN, HTTP through it, and peers that speak none
 * of it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sys/stat.h>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "tests/unit/net_rig.h"

static SSL *dial_tls(SSL_CTX *ctx, const char *alpn, size_t n)
{
	SSL *ssl = SSL_new(ctx);

	if (n)
		SSL_set_alpn_protos(ssl, (const unsigned char *)alpn,
			(unsigned)n);
	SSL_set_fd(ssl, dial());
	return ssl;
}

static void hang_up(SSL *ssl)
{
	int fd = SSL_get_fd(ssl);

	SSL_free(ssl);
	close(fd);
}

static void check_alpn(SSL_CTX *ctx, const char *offer, size_t n,
	const char *chosen)
{
	SSL *ssl = dial_tls(ctx, offer, n);
	const unsigned char *name;
	unsigned name_n;

	assert_int_equal(SSL_connect(ssl), 1);
	SSL_get0_alpn_selected(ssl, &name, &name_n);
	assert_int_equal(name_n, strlen(chosen));
	if (name_n)
		assert_memory_equal(name, chosen, name_n);
	hang_up(ssl);
}

static void check_cert(SSL_CTX *ctx)
{
	SSL *ssl = dial_tls(ctx, NULL, 0);
	X509 *cert;
	int days, seconds;
	char name[64];

	assert_int_equal(SSL_connect(ssl), 1);
	cert = SSL_get1_peer_certificate(ssl);
	assert_non_null(cert);
	assert_int_equal(X509_check_host(cert, "node.example", 0, 0, NULL), 1);
	assert_int_equal(X509_check_ca(cert), 1);
	assert_int_equal(X509_NAME_entry_count(X509_get_subject_name(cert)), 0);
	assert_int_equal(X509_get_key_usage(cert),
		KU_DIGITAL_SIGNATURE | KU_KEY_CERT_SIGN);
	assert_int_equal(X509_get_extended_key_usage(cert), XKU_SSL_SERVER);
	assert_int_equal(ASN1_TIME_diff(&days, &seconds,
				 X509_get0_notBefore(cert),
				 X509_get0_notAfter(cert)), 1);
	assert_int_equal(days * 24 + seconds / 3600, 8765);
	assert_int_equal(EVP_PKEY_get_group_name(X509_get0_pubkey(cert), name,
				 sizeof(name), NULL), 1);
	assert_string_equal(name, "prime256v1");
	X509_free(cert);
	hang_up(ssl);
}

static void check_files(const char *dir)
{
	static const char *const names[] = {"cert.pem", "key.pem"};
	static const char *const first[] = {"-----BEGIN CERTIFICATE-----\n",
		"-----BEGIN EC PRIVATE KEY-----\n"};
	char path[256], line[64];
	struct stat st;
	FILE *f;

	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		f = fopen(path, "r");
		assert_non_null(fgets(line, sizeof(line), f));
		assert_string_equal(line, first[i]);
		fclose(f);
		unlink(path);
	}
}

static void test_certificate(void **state)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	char dir[] = "build/tls.XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(dir));
	start_server(&(struct port_options){.kind = PORT_TLS,
		.tls_name = "node.example", .tls_dir = dir});
	check_files(dir);
	rmdir(dir);
	check_cert(ctx);
	SSL_CTX_free(ctx);
	stop_server();
}

static void test_alpn(void **state)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	(void)state;
	start_server(&(struct port_options){.kind = PORT_TLS, .tls_name = "h"});
	check_alpn(ctx, "\2h2", 3, "h2");
	check_alpn(ctx, "\x8http/1.1\2h2", 12, "h2");
	check_alpn(ctx, "\x8http/1.1", 9, "http/1.1");
	check_alpn(ctx, NULL, 0, "");
	SSL_CTX_free(ctx);
	stop_server();
}

static void test_request(void **state)
{
	static const char get[] = "GET /hi HTTP/1.1\r\nHost: h\r\n\r\n";
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	struct str in = STR_INIT;
	char buf[4096];
	SSL *ssl;
	int n;

	(void)state;
	start_server(&(struct port_options){.kind = PORT_TLS, .tls_name = "h"});
	ssl = dial_tls(ctx, NULL, 0);
	assert_int_equal(SSL_connect(ssl), 1);
	assert_true(SSL_write(ssl, get, (int)strlen(get)));
	while (!strstr(str_cstr(&in), "tls=1") &&
		(n = SSL_read(ssl, buf, sizeof(buf))) > 0)
		str_addn(&in, buf, (size_t)n);
	assert_non_null(strstr(str_cstr(&in), "GET /hi? h h2=0 tls=1"));
	str_clear(&in);
	hang_up(ssl);
	SSL_CTX_free(ctx);
	stop_server();
}

static void test_not_tls(void **state)
{
	int fd;

	(void)state;
	start_server(&(struct port_options){.kind = PORT_TLS, .tls_name = "h"});
	fd = dial();
	say(fd, "GET /hi HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_true(hear_end(fd));
	close(fd);
	stop_server();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_certificate),
		cmocka_unit_test(test_alpn),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_not_tls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
