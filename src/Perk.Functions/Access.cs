using Microsoft.Azure.Functions.Worker;
using Perk.Core.Settings;

namespace Perk.Functions;

/// <summary>Who lets HTTP requests in, as the build property PerkHttpAccess says.</summary>
internal static class Access
{
#if PERK_ENTRA
    /// <summary>Bearer tokens are checked by the core.</summary>
    public const AuthorizationLevel Level = AuthorizationLevel.Anonymous;
#else
    /// <summary>The Functions host asks for a function key; where the settings say so, the core asks for a bearer token as well.</summary>
    public const AuthorizationLevel Level = AuthorizationLevel.Function;
#endif

    /// <summary>Refuses to start an app that would let in anybody.</summary>
    /// <exception cref="SettingsException">The settings of the tokens are missing.</exception>
    public static void Require(HttpSettings settings)
    {
        if (Level == AuthorizationLevel.Anonymous && !settings.RequiresToken)
            throw new SettingsException([$"{HttpSettings.TenantKey} is missing, as is {HttpSettings.AudienceKey}: this build (PerkHttpAccess=entra) has no function keys, and would let in anybody."]);
    }
}
