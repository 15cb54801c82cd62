using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>
/// Runs a function for each HTTP request. Shape of <c>extensions/Worker.Extensions.Http/src/HttpTriggerAttribute.cs</c>,
/// package Microsoft.Azure.Functions.Worker.Extensions.Http 3.3.0 (commit 97a0783d), which Extensions.Http.AspNetCore 2.1.1
/// brings.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class HttpTriggerAttribute : TriggerBindingAttribute
{
    /// <summary>Every method, level <see cref="AuthorizationLevel.Function"/>; <c>HttpTriggerAttribute.cs</c> as above.</summary>
    public HttpTriggerAttribute() => AuthLevel = AuthorizationLevel.Function;

    /// <summary>
    /// These methods. This constructor, there too, leaves the level at the enumeration's zero,
    /// <see cref="AuthorizationLevel.Anonymous"/>; <c>HttpTriggerAttribute.cs</c> as above.
    /// </summary>
    public HttpTriggerAttribute(params string[] methods) => Methods = methods;

    /// <summary>Every method at this level; <c>HttpTriggerAttribute.cs</c> as above.</summary>
    public HttpTriggerAttribute(AuthorizationLevel authLevel) => AuthLevel = authLevel;

    /// <summary>These methods at this level; <c>HttpTriggerAttribute.cs</c> as above.</summary>
    public HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods)
    {
        AuthLevel = authLevel;
        Methods = methods;
    }

    /// <summary>Below the route prefix; the function's name where null; <c>HttpTriggerAttribute.cs</c> as above.</summary>
    public string? Route { get; set; }

    /// <summary>Null: every method; <c>HttpTriggerAttribute.cs</c> as above.</summary>
    public string[]? Methods { get; }

    /// <summary>Which key the host asks for; <c>HttpTriggerAttribute.cs</c> as above.</summary>
    public AuthorizationLevel AuthLevel { get; }
}

/// <summary>
/// Which key the host asks a caller for. Shape of <c>extensions/Worker.Extensions.Http/src/AuthorizationLevel.cs</c>, package
/// Microsoft.Azure.Functions.Worker.Extensions.Http 3.3.0 (commit 97a0783d).
/// </summary>
public enum AuthorizationLevel
{
    /// <summary>None; <c>AuthorizationLevel.cs</c> as above.</summary>
    Anonymous = 0,

    /// <summary>A signed-in user; <c>AuthorizationLevel.cs</c> as above.</summary>
    User = 1,

    /// <summary>A function or host key; <c>AuthorizationLevel.cs</c> as above.</summary>
    Function = 2,

    /// <summary>A system key; <c>AuthorizationLevel.cs</c> as above.</summary>
    System = 3,

    /// <summary>The master key; <c>AuthorizationLevel.cs</c> as above.</summary>
    Admin = 4,
}
