using Microsoft.Azure.Functions.Worker;

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
}
