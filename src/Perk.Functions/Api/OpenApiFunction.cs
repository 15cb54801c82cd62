using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Perk.Core.Http;

namespace Perk.Functions.Api;

/// <summary>What the HTTP surface is.</summary>
public static class OpenApiFunction
{
    /// <summary>The surface as an OpenAPI document.</summary>
    [Function("openapi")]
    public static IResult Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Routes.OpenApi)] HttpRequest request) => OpenApiDocument.Get();
}
