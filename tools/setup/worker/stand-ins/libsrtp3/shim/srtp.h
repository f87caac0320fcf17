// The calls of libsrtp 3 that the mediasoup worker makes, carried out by libsrtp 2 (which Debian has).
//
// Two things differ between the versions. Version 3 hides the policy behind create/set/destroy functions, where
// version 2 has an open struct; and version 3 protects from one buffer into another with checked sizes, where
// version 2 works in place. The names are C++ overloads of version 2's own, so nothing here hides the library.
#pragma once

extern "C"
{
// Version 2's struct steps aside: in version 3 this name is a pointer to an opaque policy.
#define srtp_policy_t srtp2_policy_t
#include <srtp2/srtp.h>
#undef srtp_policy_t
}

#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

// Version 2 has no such errors. Its enumeration reaches from 0 to 27, so its type holds both values.
inline constexpr auto srtp_err_status_buffer_small = static_cast<srtp_err_status_t>(28);
inline constexpr auto srtp_err_status_cryptex_err  = static_cast<srtp_err_status_t>(29);

struct srtp3_policy
{
	srtp2_policy_t v2{};
	srtp_profile_t profile{ srtp_profile_reserved };
	// Master key, then master salt: the order in which version 2 reads them.
	unsigned char key[SRTP_MAX_KEY_LEN]{};
};

using srtp_policy_t = srtp3_policy*;

inline srtp_err_status_t srtp_policy_create(srtp_policy_t* policy)
{
	*policy = new (std::nothrow) srtp3_policy();

	return *policy ? srtp_err_status_ok : srtp_err_status_alloc_fail;
}

inline void srtp_policy_destroy(srtp_policy_t policy)
{
	if (!policy)
	{
		return;
	}

	// Not memset: a compiler may drop a write to memory that is about to be freed.
	explicit_bzero(policy->key, sizeof(policy->key));
	delete policy;
}

inline srtp_err_status_t srtp_policy_set_ssrc(srtp_policy_t policy, srtp_ssrc_t ssrc)
{
	policy->v2.ssrc = ssrc;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_profile(srtp_policy_t policy, srtp_profile_t profile)
{
	auto status = srtp_crypto_policy_set_from_profile_for_rtp(&policy->v2.rtp, profile);

	if (status != srtp_err_status_ok)
	{
		return status;
	}

	status = srtp_crypto_policy_set_from_profile_for_rtcp(&policy->v2.rtcp, profile);

	if (status == srtp_err_status_ok)
	{
		policy->profile = profile;
	}

	return status;
}

inline srtp_err_status_t srtp_policy_add_key(
  srtp_policy_t policy,
  const uint8_t* key,
  size_t keyLen,
  const uint8_t* salt,
  size_t saltLen,
  const uint8_t* /*mki*/,
  size_t mkiLen)
{
	// The worker sends no master key identifier; whoever begins to must notice that it is not carried here.
	if (mkiLen != 0 || keyLen + saltLen > sizeof(policy->key))
	{
		return srtp_err_status_bad_param;
	}

	if (
	  keyLen != srtp_profile_get_master_key_length(policy->profile) ||
	  saltLen != srtp_profile_get_master_salt_length(policy->profile))
	{
		return srtp_err_status_bad_param;
	}

	std::memcpy(policy->key, key, keyLen);
	std::memcpy(policy->key + keyLen, salt, saltLen);

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_allow_repeat_tx(srtp_policy_t policy, bool allow)
{
	policy->v2.allow_repeat_tx = allow ? 1 : 0;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_window_size(srtp_policy_t policy, size_t windowSize)
{
	policy->v2.window_size = windowSize;

	return srtp_err_status_ok;
}

/** Copies what it needs: the policy may be destroyed afterwards. */
inline srtp_err_status_t srtp_create(srtp_t* session, srtp_policy_t policy)
{
	policy->v2.key  = policy->key;
	policy->v2.next = nullptr;

	return srtp_create(session, const_cast<const srtp2_policy_t*>(&policy->v2));
}

/** As in version 2, and as the worker passes it, `ssrc` is in network byte order. */
inline srtp_err_status_t srtp_stream_remove(srtp_t session, uint32_t ssrc)
{
	return srtp_remove_stream(session, ssrc);
}

namespace srtp3
{
	// What version 2 may write behind the packet: the longest tag, and in RTCP the index before it (RFC 3711 3.4).
	inline constexpr size_t RtpGrowth{ SRTP_MAX_TAG_LEN };
	inline constexpr size_t RtcpGrowth{ SRTP_MAX_TAG_LEN + 4 };

	using InPlace = srtp_err_status_t (*)(srtp_t, void*, int*);

	/** Runs a call of version 2, which works in place, from `in` to `out`. `outLen` is written on success only. */
	inline srtp_err_status_t transform(
	  InPlace inPlace, srtp_t session, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen, size_t growth)
	{
		if (inLen > INT_MAX - growth)
		{
			return srtp_err_status_bad_param;
		}

		if (*outLen < inLen + growth)
		{
			return srtp_err_status_buffer_small;
		}

		if (out != in)
		{
			std::memmove(out, in, inLen);
		}

		auto len          = static_cast<int>(inLen);
		const auto status = inPlace(session, out, &len);

		if (status == srtp_err_status_ok)
		{
			*outLen = static_cast<size_t>(len);
		}

		return status;
	}
} // namespace srtp3

inline srtp_err_status_t srtp_protect(
  srtp_t session, const uint8_t* rtp, size_t rtpLen, uint8_t* srtp, size_t* srtpLen, size_t /*mkiIndex*/)
{
	return srtp3::transform(srtp_protect, session, rtp, rtpLen, srtp, srtpLen, srtp3::RtpGrowth);
}

inline srtp_err_status_t srtp_unprotect(
  srtp_t session, const uint8_t* srtp, size_t srtpLen, uint8_t* rtp, size_t* rtpLen)
{
	return srtp3::transform(srtp_unprotect, session, srtp, srtpLen, rtp, rtpLen, 0);
}

inline srtp_err_status_t srtp_protect_rtcp(
  srtp_t session, const uint8_t* rtcp, size_t rtcpLen, uint8_t* srtcp, size_t* srtcpLen, size_t /*mkiIndex*/)
{
	return srtp3::transform(srtp_protect_rtcp, session, rtcp, rtcpLen, srtcp, srtcpLen, srtp3::RtcpGrowth);
}

inline srtp_err_status_t srtp_unprotect_rtcp(
  srtp_t session, const uint8_t* srtcp, size_t srtcpLen, uint8_t* rtcp, size_t* rtcpLen)
{
	return srtp3::transform(srtp_unprotect_rtcp, session, srtcp, srtcpLen, rtcp, rtcpLen, 0);
}
