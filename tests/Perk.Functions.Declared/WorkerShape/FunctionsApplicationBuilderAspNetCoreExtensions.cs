namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>
/// The ASP.NET Core integration. Shape of
/// <c>extensions/Worker.Extensions.Http.AspNetCore/src/FunctionsApplicationBuilderAspNetCoreExtensions.cs</c>, package
/// Microsoft.Azure.Functions.Worker.Extensions.Http.AspNetCore 2.1.1 (commit 34ce8e6f).
/// </summary>
public static class FunctionsApplicationBuilderAspNetCoreExtensions
{
    /// <summary>
    /// Registers nothing here; <c>FunctionsApplicationBuilderAspNetCoreExtensions.cs</c> as above.
    /// </summary>
    /// <remarks>
    /// There (<c>FunctionsHostBuilderExtensions.cs</c>, <c>WorkerBuilderExtensions.cs</c>) it makes available a web host's
    /// defaults (Kestrel on a free local port, <c>IWebHostEnvironment</c>, routing, forwarded headers) and <c>AddMvc</c>
    /// (controllers, views, JSON options, and with them the cores of authentication, authorization, CORS and data
    /// protection). An app that asks only for what it registered itself therefore behaves the same in both. Its pipeline
    /// there is forwarded headers, routing, the function: no authentication or authorization middleware runs. A request's
    /// <c>RequestServices</c> are the invocation's scope of the same container (<c>WorkerRequestServicesMiddleware.cs</c>).
    /// </remarks>
    public static FunctionsApplicationBuilder ConfigureFunctionsWebApplication(this FunctionsApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder;
    }
}
