using Microsoft.AspNetCore.Http;

namespace Perk.Core.Http;

/// <summary>The description of this surface, <c>openapi.json</c> beside this file.</summary>
public static class OpenApiDocument
{
    private const string Resource = "Perk.Core.Http.openapi.json";

    /// <summary>GET <see cref="Routes.OpenApi"/>: 200.</summary>
    public static IResult Get() => Results.Stream(Open(), "application/json");

    /// <summary>The document.</summary>
    public static Stream Open() => typeof(OpenApiDocument).Assembly.GetManifestResourceStream(Resource)!;
}
