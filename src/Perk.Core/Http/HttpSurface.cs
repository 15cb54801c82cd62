using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Perk.Core.Settings;

namespace Perk.Core.Http;

/// <summary>The HTTP surface as a whole, for hosts other than Azure Functions.</summary>
public static class HttpSurface
{
    private const string Scheme = "api://";

    /// <summary>Registers what answers.</summary>
    public static IServiceCollection AddPerkHttp(this IServiceCollection services, HttpSettings settings)
    {
        services.TryAddSingleton(settings);
        foreach (var part in (Type[])[typeof(HttpGuard), typeof(DocumentsApi), typeof(QuestionsApi), typeof(JobsApi), typeof(BatchesApi), typeof(HealthApi)])
            services.TryAddSingleton(part);
        return services;
    }

    /// <summary>Registers what checks tokens, where they are asked for, in the container of the web server.</summary>
    public static IServiceCollection AddPerkTokens(this IServiceCollection services, HttpSettings settings)
    {
        if (settings is not { Tenant: { } tenant, Audience: { } audience }) return services;
        services.AddAuthentication().AddJwtBearer(options =>
        {
            options.Authority = $"https://login.microsoftonline.com/{tenant}/v2.0";
            options.MapInboundClaims = false;
            // Tokens of version 2 name the application id, those of version 1 its URI.
            options.TokenValidationParameters.ValidAudiences = audience.StartsWith(Scheme, StringComparison.Ordinal) ? [audience, audience[Scheme.Length..]] : [audience, Scheme + audience];
            options.TokenValidationParameters.ValidIssuers = [$"https://login.microsoftonline.com/{tenant}/v2.0", $"https://sts.windows.net/{tenant}/"];
        });
        return services;
    }

    /// <summary>Maps every route.</summary>
    /// <param name="app">The web application.</param>
    /// <param name="services">What answers.</param>
    public static void MapPerk(this IEndpointRouteBuilder app, IServiceProvider services)
    {
        var (documents, questions) = (services.GetRequiredService<DocumentsApi>(), services.GetRequiredService<QuestionsApi>());
        var (jobs, batches, health) = (services.GetRequiredService<JobsApi>(), services.GetRequiredService<BatchesApi>(), services.GetRequiredService<HealthApi>());
        app.MapPost(Routes.Documents, (HttpRequest request, string collection, CancellationToken cancel) => documents.SubmitAsync(request, collection, cancel));
        app.MapDelete(Routes.Document, (HttpRequest request, string collection, string document, CancellationToken cancel) => documents.DeleteAsync(request, collection, document, cancel));
        app.MapPost(Routes.Uploads, (HttpRequest request, string collection, CancellationToken cancel) => documents.AnnounceAsync(request, collection, cancel));
        app.MapGet(Routes.Job, (HttpRequest request, string collection, string job, CancellationToken cancel) => jobs.JobAsync(request, collection, job, cancel));
        app.MapPost(Routes.Questions, (HttpRequest request, string collection, CancellationToken cancel) => questions.AskAsync(request, collection, cancel));
        app.MapGet(Routes.Answer, (HttpRequest request, string collection, string question, CancellationToken cancel) => questions.AnswerAsync(request, collection, question, cancel));
        app.MapPut(Routes.Batch, (HttpRequest request, string collection, string batch, CancellationToken cancel) => batches.PutAsync(request, collection, batch, cancel));
        app.MapGet(Routes.Batch, (HttpRequest request, string collection, string batch, CancellationToken cancel) => batches.BatchAsync(request, collection, batch, cancel));
        app.MapGet(Routes.Live, HealthApi.Live);
        app.MapGet(Routes.Ready, health.ReadyAsync);
        app.MapGet(Routes.OpenApi, OpenApiDocument.Get);
    }
}
